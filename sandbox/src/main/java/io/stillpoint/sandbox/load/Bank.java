package io.stillpoint.sandbox.load;

import com.mongodb.ReadConcern;
import com.mongodb.TransactionOptions;
import com.mongodb.WriteConcern;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bson.Document;

/**
 * Accounts and a ledger, in a sharded cluster spread over all shards: each transfer takes money
 * from one account, gives it to another and writes a line in the ledger, in one transaction.
 * However a backup cuts through such transactions, no money may appear or vanish.
 */
public final class Bank implements AutoCloseable {
  private static final String DATABASE = "bank";
  private static final long START = 1_000;
  private static final TransactionOptions OPTIONS =
      TransactionOptions.builder()
          .readConcern(ReadConcern.SNAPSHOT)
          .writeConcern(WriteConcern.MAJORITY)
          .build();

  private final MongoClient client;
  private final MongoCollection<Document> accounts;
  private final MongoCollection<Document> ledger;

  /**
   * What {@link #audit()} found.
   *
   * @param accounts number of accounts
   * @param sum of all balances
   * @param transfers lines in the ledger
   * @param wrong accounts whose balance is not what the ledger says
   */
  public record Audit(int accounts, long sum, int transfers, List<String> wrong) {
    /** Whether no money appeared or vanished. */
    public boolean balanced() {
      return sum == accounts * START && wrong.isEmpty();
    }
  }

  /**
   * @param uri of a mongos or a replica set
   */
  public Bank(String uri) {
    client = MongoClients.create(uri);
    accounts = client.getDatabase(DATABASE).getCollection("accounts");
    ledger = client.getDatabase(DATABASE).getCollection("ledger");
  }

  /**
   * Makes new accounts and an empty ledger.
   *
   * @param sharded whether to spread both over the shards
   */
  public void open(int count, boolean sharded) {
    if (sharded) {
      Document key = new Document("_id", "hashed");
      client.getDatabase("admin").runCommand(new Document("enableSharding", DATABASE));
      for (MongoCollection<Document> each : List.of(accounts, ledger)) {
        client
            .getDatabase("admin")
            .runCommand(
                new Document("shardCollection", each.getNamespace().getFullName())
                    .append("key", key));
      }
    }
    List<Document> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Document("_id", i).append("balance", START));
    }
    accounts.withWriteConcern(WriteConcern.MAJORITY).insertMany(all);
    // Collections cannot be made inside a transaction on every server version.
    ledger.insertOne(new Document("_id", "first"));
    ledger.deleteOne(Filters.eq("_id", "first"));
  }

  /**
   * Moves a random amount between two random accounts, trying again after conflicts.
   *
   * @param id of the ledger's line; a transfer that was made is not made again under the same id
   */
  public void transfer(String id, int accountCount, Random random) {
    int from = random.nextInt(accountCount);
    int to = (from + 1 + random.nextInt(accountCount - 1)) % accountCount;
    long amount = 1 + random.nextInt(5);
    try (ClientSession session = client.startSession()) {
      session.withTransaction(
          () -> {
            if (ledger.find(session, Filters.eq("_id", id)).first() == null) {
              accounts.updateOne(session, Filters.eq("_id", from), Updates.inc("balance", -amount));
              accounts.updateOne(session, Filters.eq("_id", to), Updates.inc("balance", amount));
              ledger.insertOne(
                  session,
                  new Document("_id", id)
                      .append("from", from)
                      .append("to", to)
                      .append("amount", amount));
            }
            return null;
          },
          OPTIONS);
    }
  }

  /** Compares balances and ledger. Nothing may be written meanwhile. */
  public Audit audit() {
    Map<Integer, Long> expected = new HashMap<>();
    int transfers = 0;
    for (Document line : ledger.find()) {
      transfers++;
      expected.merge(line.getInteger("from"), -line.getLong("amount"), Long::sum);
      expected.merge(line.getInteger("to"), line.getLong("amount"), Long::sum);
    }
    int count = 0;
    long sum = 0;
    List<String> wrong = new ArrayList<>();
    for (Document account : accounts.find()) {
      count++;
      long balance = account.getLong("balance");
      sum += balance;
      long due = START + expected.getOrDefault(account.getInteger("_id"), 0L);
      if (balance != due) {
        wrong.add("account %s has %d, not %d".formatted(account.get("_id"), balance, due));
      }
    }
    return new Audit(count, sum, transfers, wrong);
  }

  @Override
  public void close() {
    client.close();
  }
}
