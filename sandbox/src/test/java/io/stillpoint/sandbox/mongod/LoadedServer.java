package io.stillpoint.sandbox.mongod;

import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.wire.CommandException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/** A one-member set in the test's JVM that is written to, and takes checkpoints, all the time. */
final class LoadedServer implements AutoCloseable {
  private static final int DOCUMENTS = 2000;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final int port;
  private final String[] flags;
  private final TestServer server;
  private final BackupSteps steps;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();

  /** What came of a restore: its documents, or what it refused with. */
  record Restored(RestoreToPoint recipe, Map<Integer, BsonDocument> documents) {
    boolean refused() {
      return recipe.standaloneError().isPresent() || recipe.memberError().isPresent();
    }

    /** Whether it came up with exactly these documents. */
    boolean holds(Map<Integer, BsonDocument> expected) {
      return !refused() && documents.equals(expected);
    }
  }

  LoadedServer(Path base, String... flags) {
    this(base, TestServer.freePort(), flags);
  }

  LoadedServer(Path base, int port, String... flags) {
    this.port = port;
    this.flags = flags;
    Path db = base.resolve("db").toAbsolutePath();
    this.server = TestServer.primary(db, port, flags);
    this.steps = new BackupSteps(server, db);
    server.insert("c", 0, DOCUMENTS);
    server.checkpoint();
    Random random = new Random(42);
    load("writer", () -> write(random));
    load("checkpoints", server::checkpoint);
  }

  private void load(String name, Runnable action) {
    Thread thread =
        new Thread(
            () -> {
              while (!stop.get()) {
                action.run();
              }
            },
            name);
    threads.add(thread);
    thread.start();
  }

  /** One batch of replacements, inserts and deletes. */
  private void write(Random random) {
    BsonArray updates = new BsonArray();
    for (int i = 0; i < 50; i++) {
      BsonDocument id = new BsonDocument("_id", new BsonInt32(random.nextInt(DOCUMENTS * 2)));
      BsonDocument replacement =
          new BsonDocument("v", new BsonInt32(random.nextInt()))
              .append("padding", new BsonString("x".repeat(random.nextInt(400))));
      updates.add(BsonDocument.parse("{upsert: true}").append("q", id).append("u", replacement));
    }
    server.run("test", new BsonDocument("update", new BsonString("c")).append("updates", updates));
    BsonDocument delete = new BsonDocument("_id", new BsonInt32(random.nextInt(DOCUMENTS * 2)));
    server.run(
        "test",
        BsonDocument.parse("{delete: 'c'}")
            .append(
                "deletes",
                new BsonArray(List.of(BsonDocument.parse("{limit: 1}").append("q", delete)))));
  }

  TestServer server() {
    return server;
  }

  int port() {
    return port;
  }

  /** The newest cluster time. */
  BsonTimestamp now() {
    return server.run("admin", "{ping: 1}").getTimestamp("operationTime");
  }

  /** Lets the load change what is on disk, and take at least this many checkpoints. */
  void goOn(int checkpoints) {
    BsonTimestamp from = now();
    for (int i = 0; i < checkpoints; i++) {
      server.checkpoint();
    }
    await().atMost(LIMIT).until(() -> now().compareTo(from) > 0);
  }

  /** A backup of it by hand, step by step. */
  BackupSteps steps() {
    return steps;
  }

  /** The name of the file that holds the collection's documents. */
  String dataFile() {
    Store store = server.mongod().store();
    return store.read(() -> store.catalog().get("test.c").table().ident()) + ".wt";
  }

  // ---- what comes back

  void endLoad() {
    stop.set(true);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  /** What the collection held at a time, from the oplog alone. */
  Map<Integer, BsonDocument> expectedAt(BsonTimestamp t) {
    TreeMap<Integer, BsonDocument> expected = new TreeMap<>();
    BsonDocument find =
        BsonDocument.parse(
            "{find: 'oplog.rs', filter: {ns: 'test.c'}, batchSize: 10000000, sort: {$natural: 1}}");
    for (BsonValue value : all(server, "local", find)) {
      BsonDocument entry = value.asDocument();
      if (entry.getTimestamp("ts").compareTo(t) > 0) {
        break;
      }
      String op = entry.getString("op").getValue();
      BsonDocument o = entry.getDocument("o");
      BsonDocument key = op.equals("u") ? entry.getDocument("o2") : o;
      int id = key.getInt32("_id").getValue();
      if (op.equals("d")) {
        expected.remove(id);
      } else {
        expected.put(id, BsonDocument.parse(o.toJson()));
      }
    }
    return expected;
  }

  Restored restore(Path copy, BsonTimestamp t) {
    return restore(copy, RestoreToPoint.run(copy, port, t, flags));
  }

  /** Reads what the recipe has left. */
  Restored restore(Path copy, RestoreToPoint recipe) {
    TreeMap<Integer, BsonDocument> found = new TreeMap<>();
    Restored restored = new Restored(recipe, found);
    if (restored.refused()) {
      return restored;
    }
    String[] member =
        Stream.concat(Stream.of("--replSet", "rs0"), Stream.of(flags)).toArray(String[]::new);
    try (TestServer again = TestServer.start(copy, port, member)) {
      again.awaitPrimary();
      for (BsonValue value :
          all(again, "test", BsonDocument.parse("{find: 'c', batchSize: 1000000}"))) {
        BsonDocument document = BsonDocument.parse(value.asDocument().toJson());
        found.put(document.getInt32("_id").getValue(), document);
      }
    } catch (CommandException | UncheckedIOException e) {
      // A damaged block ends the server at its first use: not right either.
      found.clear();
    }
    return restored;
  }

  private static List<BsonValue> all(TestServer server, String db, BsonDocument find) {
    BsonDocument cursor = server.run(db, find).getDocument("cursor");
    List<BsonValue> documents = new ArrayList<>(cursor.getArray("firstBatch"));
    while (cursor.getInt64("id").getValue() != 0) {
      cursor =
          server
              .run(
                  db,
                  new BsonDocument("getMore", cursor.get("id"))
                      .append("collection", find.get("find")))
              .getDocument("cursor");
      documents.addAll(cursor.getArray("nextBatch"));
    }
    return documents;
  }

  /** Ends load and server; what was copied can be restored on the same port then. */
  void end() {
    endLoad();
    server.close();
  }

  @Override
  public void close() {
    end();
  }
}
