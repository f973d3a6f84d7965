package io.stillpoint.sandbox.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BankTest {
  private static final int ACCOUNTS = 40;
  private static final int TELLERS = 3;
  private static final int TRANSFERS = 20;

  @TempDir Path directory;

  @Test
  void shouldMoveMoneyAcrossShardsInTransactions() {
    ServerPrograms programs = ServerPrograms.fromSystemProperties();
    try (LocalCluster cluster = LocalCluster.start(ClusterSpec.sharded(directory, programs, 2, 1));
        Bank bank = new Bank(cluster.uri())) {
      bank.open(ACCOUNTS, true);
      List<CompletableFuture<Void>> tellers = new ArrayList<>();
      for (int i = 0; i < TELLERS; i++) {
        int teller = i;
        tellers.add(CompletableFuture.runAsync(() -> work(bank, teller)));
      }
      CompletableFuture.allOf(tellers.toArray(CompletableFuture[]::new)).join();

      Bank.Audit audit = bank.audit();
      assertThat(audit.balanced()).as(audit.toString()).isTrue();
      assertThat(audit.accounts()).isEqualTo(ACCOUNTS);
      assertThat(audit.transfers()).isEqualTo(TELLERS * TRANSFERS);
      assertThat(prepares(cluster)).isGreaterThan(TRANSFERS);

      Comparison comparison =
          new OplogOracle(cluster.dataSets().stream().map(LocalReplicaSet::uri).toList())
              .at(now(cluster), Set.of("bank.accounts", "bank.ledger"))
              .compare(cluster.uri());
      assertThat(comparison.identical()).as(comparison.toString()).isTrue();
    }
  }

  private static void work(Bank bank, int teller) {
    Random random = new Random(teller);
    for (int i = 0; i < TRANSFERS; i++) {
      bank.transfer(teller + "-" + i, ACCOUNTS, random);
    }
  }

  private static long prepares(LocalCluster cluster) {
    return cluster.dataSets().stream()
        .mapToLong(
            set ->
                set.awaitPrimary()
                    .run(
                        "local",
                        BsonDocument.parse(
                            "{find: 'oplog.rs', filter: {'o.prepare': true}, batchSize: 10000}"))
                    .getDocument("cursor")
                    .getArray("firstBatch")
                    .size())
        .sum();
  }

  private static BsonTimestamp now(LocalCluster cluster) {
    try (var client = com.mongodb.client.MongoClients.create(cluster.uri())) {
      return client
          .getDatabase("admin")
          .runCommand(new Document("ping", 1))
          .get("$clusterTime", Document.class)
          .get("clusterTime", BsonTimestamp.class);
    }
  }
}
