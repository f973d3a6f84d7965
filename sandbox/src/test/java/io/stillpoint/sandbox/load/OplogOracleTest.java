package io.stillpoint.sandbox.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OplogOracleTest {
  private static final ServerPrograms PROGRAMS = ServerPrograms.fromSystemProperties();
  private static final Set<String> NAMESPACES = Set.of("shop.orders", "shop.customers");

  @TempDir Path directory;

  private static BsonTimestamp now(LocalCluster cluster) {
    return cluster.dataSets().stream()
        .map(set -> set.awaitPrimary().run("admin", BsonDocument.parse("{ping: 1}")))
        .map(reply -> reply.getDocument("$clusterTime").getTimestamp("clusterTime"))
        .max(BsonTimestamp::compareTo)
        .orElseThrow();
  }

  private static void awaitWrites(LoadWriter load, int count) {
    long goal = load.acknowledged() + count;
    await().atMost(Duration.ofSeconds(60)).until(() -> load.acknowledged() > goal);
  }

  private static OplogOracle oracle(LocalCluster cluster) {
    return new OplogOracle(cluster.dataSets().stream().map(LocalReplicaSet::uri).toList());
  }

  @Test
  void shouldAgreeWithAReplicaSetAndFindEveryKindOfDifference() {
    try (LocalCluster cluster =
        LocalCluster.start(ClusterSpec.replicaSet(directory, PROGRAMS, 1))) {
      ExpectedDocuments expected;
      try (LoadWriter load =
          LoadWriter.start(LoadSpec.of(cluster.uri(), "shop.orders", "shop.customers"))) {
        awaitWrites(load, 500);
        BsonTimestamp[] time = new BsonTimestamp[1];
        Comparison[] live = new Comparison[1];
        load.whilePaused(
            () -> {
              time[0] = now(cluster);
              live[0] = oracle(cluster).at(time[0], NAMESPACES).compare(cluster.uri());
            });
        assertThat(live[0].identical()).as(live[0].toString()).isTrue();
        assertThat(live[0].restored()).isGreaterThan(50);
        awaitWrites(load, 200);
        assertThat(oracle(cluster).at(time[0], NAMESPACES).count()).isEqualTo(live[0].expected());
        assertThat(oracle(cluster).at(time[0], NAMESPACES).compare(cluster.uri()).identical())
            .isFalse();
        assertThatIllegalStateException()
            .isThrownBy(() -> oracle(cluster).at(new BsonTimestamp(1, 1), NAMESPACES))
            .withMessageContaining("holds nothing up to");
      }
      expected = oracle(cluster).at(now(cluster), NAMESPACES);
      try (MongoClient client = MongoClients.create(cluster.uri())) {
        MongoCollection<Document> orders = client.getDatabase("shop").getCollection("orders");
        List<Document> some = orders.find().limit(2).into(new java.util.ArrayList<>());
        orders.deleteOne(Filters.eq("_id", some.get(0).get("_id")));
        orders.updateOne(Filters.eq("_id", some.get(1).get("_id")), Updates.inc("version", 100));
        orders.insertOne(new Document("_id", "stranger"));
        Comparison comparison = expected.compare(client);
        assertThat(comparison.missing()).isEqualTo(1);
        assertThat(comparison.different()).isEqualTo(1);
        assertThat(comparison.unexpected()).isEqualTo(1);
        assertThat(comparison.examples()).hasSize(3);
      }
    }
  }

  @Test
  void shouldAgreeWithAShardedClusterWhileChunksMove() {
    try (LocalCluster cluster = LocalCluster.start(ClusterSpec.sharded(directory, PROGRAMS, 2, 1));
        LoadWriter load =
            LoadWriter.start(LoadSpec.of(cluster.uri(), "shop.orders", "shop.customers"))) {
      awaitWrites(load, 300);
      cluster
          .mongos()
          .orElseThrow()
          .run(
              "admin",
              BsonDocument.parse(
                  "{moveChunk: 'shop.orders', find: {_id: 'w0-0000000'}, to: '%s'}"
                      .formatted(other(cluster))));
      awaitWrites(load, 300);
      Comparison[] live = new Comparison[1];
      load.whilePaused(
          () -> live[0] = oracle(cluster).at(now(cluster), NAMESPACES).compare(cluster.uri()));
      assertThat(live[0].identical()).as(live[0].toString()).isTrue();
      assertThat(load.failed()).as(load.lastFailure()).isZero();
    }
  }

  /** The shard that does not own the first writer's first order. */
  private static String other(LocalCluster cluster) {
    for (LocalReplicaSet shard : cluster.dataSets()) {
      BsonDocument found =
          shard
              .awaitPrimary()
              .run("shop", BsonDocument.parse("{find: 'orders', filter: {_id: 'w0-0000000'}}"));
      if (found.getDocument("cursor").getArray("firstBatch").isEmpty()) {
        return shard.shardId().orElseThrow();
      }
    }
    throw new AssertionError("both shards hold the document");
  }
}
