package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.storage.StorageEngine.CheckpointKind;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * Copies everything from another member: collections first, then the oplog since the copy began.
 */
public final class InitialSync {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Store store;
  private final Oplog oplog;
  private final ReplicaSet set;
  private final StartupRecovery recovery;
  private final ServerLog log;

  public InitialSync(
      Store store, Oplog oplog, ReplicaSet set, StartupRecovery recovery, ServerLog log) {
    this.store = store;
    this.oplog = oplog;
    this.set = set;
    this.recovery = recovery;
    this.log = log;
  }

  /** Throws the node's data away and copies the source's; the node is a secondary afterwards. */
  void run(WireClient source, Consumer<List<BsonDocument>> apply) throws IOException {
    log.info("INITSYNC", 21164, "Starting initial sync attempt");
    recovery.initialSync(true);
    store.write(this::wipe);
    OpTime begin = last(source);
    for (BsonValue database : list(source, "admin", "listDatabases", "databases")) {
      String db = database.asDocument().getString("name").getValue();
      if (!db.equals("local")) {
        copyDatabase(source, db);
      }
    }
    OpTime end = last(source);
    OpTime at = new OpTime(begin.ts() - 1, begin.term());
    set.reset(at);
    do {
      BsonDocument reply = OplogFetcher.fetchFrom(source, at.ts(), set.self().id());
      apply.accept(reply.getArray("entries").stream().map(BsonValue::asDocument).toList());
      at = oplog.last();
    } while (at.ts() < end.ts());
    recovery.initialSync(false);
    store.engine().advanceStableTimestamp(at.ts());
    store.engine().checkpoint(CheckpointKind.STABLE);
    set.setState(MemberState.SECONDARY);
    log.info("INITSYNC", 21163, "Initial sync done", "lastApplied", at.toBson());
  }

  private void wipe() {
    for (Collection collection : store.catalog().all()) {
      if (collection.replicated() || collection.ns().equals(Oplog.NS)) {
        store.catalog().drop(collection, 0);
      }
    }
    oplog.forget();
    oplog.create();
  }

  private static OpTime last(WireClient source) throws IOException {
    BsonDocument status =
        source.run("admin", new BsonDocument("replSetGetStatus", new BsonInt32(1)), TIMEOUT);
    return OpTime.of(status.getDocument("optimes").getDocument("appliedOpTime"));
  }

  private static List<BsonValue> list(WireClient source, String db, String command, String field)
      throws IOException {
    BsonDocument request =
        new BsonDocument(command, new BsonInt32(1)).append("nameOnly", BsonBoolean.TRUE);
    return source.run(db, request, TIMEOUT).getArray(field);
  }

  private void copyDatabase(WireClient source, String db) throws IOException {
    BsonDocument command =
        new BsonDocument("listCollections", new BsonInt32(1))
            .append("cursor", new BsonDocument("batchSize", new BsonInt32(100_000)));
    BsonDocument cursor = source.run(db, command, TIMEOUT).getDocument("cursor");
    for (BsonValue value : cursor.getArray("firstBatch")) {
      BsonDocument info = value.asDocument();
      String name = info.getString("name").getValue();
      Collection[] made = new Collection[1];
      store.write(
          () ->
              made[0] =
                  store
                      .catalog()
                      .create(
                          db + "." + name,
                          info.getDocument("info").getBinary("uuid"),
                          Documents.copy(info.getDocument("options")),
                          0));
      copyDocuments(source, db, name, made[0]);
      copyIndexes(source, db, name, made[0]);
    }
  }

  private void copyDocuments(WireClient source, String db, String name, Collection into)
      throws IOException {
    BsonDocument find =
        new BsonDocument("find", new BsonString(name)).append("batchSize", new BsonInt32(5000));
    BsonDocument cursor = source.run(db, find, TIMEOUT).getDocument("cursor");
    insert(into, cursor.getArray("firstBatch"));
    long id = cursor.getInt64("id").getValue();
    while (id != 0) {
      BsonDocument getMore =
          new BsonDocument("getMore", new BsonInt64(id))
              .append("collection", new BsonString(name))
              .append("batchSize", new BsonInt32(5000));
      cursor = source.run(db, getMore, TIMEOUT).getDocument("cursor");
      insert(into, cursor.getArray("nextBatch"));
      id = cursor.getInt64("id").getValue();
    }
  }

  private void insert(Collection into, BsonArray documents) {
    store.write(() -> documents.forEach(d -> into.insert(d.asDocument(), 0)));
  }

  private void copyIndexes(WireClient source, String db, String name, Collection into)
      throws IOException {
    BsonDocument command = new BsonDocument("listIndexes", new BsonString(name));
    BsonDocument cursor = source.run(db, command, TIMEOUT).getDocument("cursor");
    for (BsonValue spec : cursor.getArray("firstBatch")) {
      store.write(() -> store.catalog().createIndex(into, Documents.copy(spec.asDocument()), 0));
    }
  }
}
