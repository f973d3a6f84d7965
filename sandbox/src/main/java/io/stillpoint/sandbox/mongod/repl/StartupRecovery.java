package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.storage.StorageEngine.CheckpointKind;
import java.util.List;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.types.ObjectId;

/**
 * Brings the data from the checkpoint to the top of the oplog, after cutting the oplog back to
 * {@code local.replset.oplogTruncateAfterPoint}. The cut never goes below the checkpoint and never
 * fails, which is why a wrong point is silent.
 */
public final class StartupRecovery {
  private static final BsonString POINT = new BsonString("oplogTruncateAfterPoint");
  private static final int BATCH = 1000;

  private final Store store;
  private final Oplog oplog;
  private final PreparedTransactions prepared;
  private final ServerLog log;

  public StartupRecovery(Store store, Oplog oplog, PreparedTransactions prepared, ServerLog log) {
    this.store = store;
    this.oplog = oplog;
    this.prepared = prepared;
    this.log = log;
  }

  /** Runs the recovery; under no lock. */
  public void run() {
    long stable = store.engine().recoveryTimestamp();
    long from = stable > 0 ? stable : appliedThrough();
    store.write(
        () -> {
          truncate(stable);
          // Prepared before the checkpoint and still open: they are nowhere but in the oplog.
          oplog.upTo(from).forEach(row -> noteIfTransaction(Documents.view(row)));
        });
    replay(from);
  }

  private void noteIfTransaction(BsonDocument entry) {
    if (entry.getString("op").getValue().equals("c")) {
      prepared.note(entry);
    }
  }

  private void truncate(long stable) {
    Collection points = store.local("replset.oplogTruncateAfterPoint");
    Long record = points.recordOf(POINT);
    if (record == null) {
      return;
    }
    BsonDocument document = points.document(record);
    long point =
        document.isTimestamp(POINT.getValue())
            ? document.getTimestamp(POINT.getValue()).getValue()
            : 0;
    if (point == 0) {
      return;
    }
    log.info(
        "REPL",
        21557,
        "Removing unapplied oplog entries after oplogTruncateAfterPoint",
        "oplogTruncateAfterPoint",
        new BsonDocument("", new BsonTimestamp(point)));
    if (point <= stable) {
      log.warning(
          "REPL",
          21556,
          "The oplog truncation point is equal to or earlier than the stable timestamp, so"
              + " truncating after the stable timestamp instead",
          "truncatePoint",
          new BsonTimestamp(point),
          "stableTimestamp",
          new BsonTimestamp(stable));
    }
    oplog.truncateAfter(Math.max(point, stable));
    log.info(
        "REPL", 21553, "Truncating oplog from entry", "truncatePoint", new BsonTimestamp(point));
    log.info("REPL", 21554, "Replication recovery oplog truncation finished");
    points.update(
        record, new BsonDocument("_id", POINT).append(POINT.getValue(), new BsonTimestamp(0)), 0);
  }

  private void replay(long from) {
    long top = oplog.last().ts();
    log.info(
        "REPL",
        21544,
        "Recovering from stable timestamp",
        "stableTimestamp",
        new BsonTimestamp(from),
        "topOfOplog",
        oplog.last().toBson());
    if (top <= from) {
      log.info(
          "REPL",
          21549,
          "No oplog entries to apply for recovery. Start point is at the top of the oplog");
      return;
    }
    log.info("REPL", 21545, "Starting recovery oplog application", "from", new BsonTimestamp(from));
    log.info(
        "REPL",
        21550,
        "Replaying stored operations from startPoint (inclusive) to endPoint (inclusive).",
        "startPoint",
        new BsonTimestamp(from),
        "endPoint",
        new BsonTimestamp(top));
    OplogApplier applier = new OplogApplier(store, prepared);
    long applied = 0;
    long at = from;
    while (at < top) {
      long after = at;
      List<byte[]> batch = store.read(() -> oplog.after(after, BATCH, Integer.MAX_VALUE));
      for (byte[] row : batch) {
        BsonDocument entry = Documents.view(row);
        store.write(() -> applier.apply(entry));
        at = entry.getTimestamp("ts").getValue();
        applied++;
      }
    }
    log.info(
        "REPL",
        21536,
        "Completed oplog application for recovery",
        "numOpsApplied",
        applied,
        "numBatches",
        (applied + BATCH - 1) / BATCH,
        "applyThroughOpTime",
        oplog.last().toBson());
  }

  private BsonDocument minvalid() {
    var rows = store.read(() -> store.local("replset.minvalid").rows());
    return rows.isEmpty() ? new BsonDocument() : Documents.decode(rows.firstEntry().getValue());
  }

  private long appliedThrough() {
    BsonDocument minvalid = minvalid();
    return minvalid.isDocument("begin")
        ? minvalid.getDocument("begin").getTimestamp("ts").getValue()
        : 0;
  }

  /** Whether the last process died while it copied another member's data. */
  public boolean initialSyncUnfinished() {
    return minvalid().getBoolean("doingInitialSync", BsonBoolean.FALSE).getValue();
  }

  /** The position that the data must reach before it is consistent; 0 if it is. */
  public long minValid() {
    BsonDocument minvalid = minvalid();
    return minvalid.isTimestamp("ts") ? minvalid.getTimestamp("ts").getValue() : 0;
  }

  /** Notes, before a batch is applied, how far it goes. */
  void minValid(OpTime end) {
    BsonDocument document = minvalid();
    if (end.ts() > minValid()) {
      document.putAll(end.toBson());
      save(document);
    }
  }

  /** Notes that an initial sync began, or ended. */
  public void initialSync(boolean running) {
    BsonDocument document = minvalid();
    document.put("doingInitialSync", BsonBoolean.valueOf(running));
    if (running) {
      document.remove("ts");
      document.remove("t");
    }
    save(document);
    store.engine().checkpoint(CheckpointKind.STABLE);
  }

  /** Notes that the data is at this position; for a checkpoint that has no timestamp. */
  public void appliedThrough(OpTime at) {
    BsonDocument document = minvalid();
    document.put("begin", at.toBson());
    save(document);
  }

  private void save(BsonDocument document) {
    store.write(
        () -> {
          Collection minvalid = store.local("replset.minvalid");
          document.putIfAbsent("_id", new BsonObjectId(new ObjectId()));
          document.putIfAbsent("ts", new BsonTimestamp(0, 1));
          document.putIfAbsent("t", new BsonInt64(-1));
          Long record = minvalid.recordOf(document.get("_id"));
          if (record == null) {
            minvalid.insert(document, 0);
          } else {
            minvalid.update(record, document, 0);
          }
        });
  }
}
