package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.repl.Replication;
import java.util.Map;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** {@code serverStatus}. */
final class ServerStatusCommands {
  private final Mongod mongod;

  ServerStatusCommands(Mongod mongod) {
    this.mongod = mongod;
  }

  void register(Map<String, Command> commands) {
    commands.put("serverStatus", r -> serverStatus());
  }

  private BsonDocument serverStatus() {
    long uptime = System.currentTimeMillis() - mongod.startedAt();
    // Asking whether a backup is open takes the mutex that a waiting extend holds, as measured.
    boolean open = mongod.backups().isOpen();
    BsonDocument status =
        new BsonDocument("host", new BsonString("127.0.0.1:" + mongod.options().port()))
            .append("version", new BsonString(mongod.version().full()))
            .append("process", new BsonString("mongod"))
            .append("pid", new BsonInt64(ProcessHandle.current().pid()))
            .append("uptime", new BsonDouble(uptime / 1000.0))
            .append("uptimeMillis", new BsonInt64(uptime))
            .append("uptimeEstimate", new BsonInt64(uptime / 1000))
            .append("localTime", new BsonDateTime(System.currentTimeMillis()))
            .append("connections", connections())
            .append("storageEngine", storageEngine(open))
            .append("transactions", transactions())
            .append(
                "logicalSessionRecordCache",
                new BsonDocument("activeSessionsCount", new BsonInt32(mongod.sessions().active())))
            .append(
                "metrics",
                new BsonDocument(
                    "cursor",
                    new BsonDocument(
                        "open",
                        new BsonDocument("total", new BsonInt64(mongod.cursors().all().size())))));
    mongod.replication().ifPresent(replication -> status.append("repl", repl(replication)));
    return status;
  }

  private BsonDocument connections() {
    return new BsonDocument("current", new BsonInt32(mongod.openConnections()))
        .append("available", new BsonInt32(10_000));
  }

  private BsonDocument storageEngine(boolean open) {
    return new BsonDocument("name", new BsonString("wiredTiger"))
        .append("supportsCommittedReads", BsonBoolean.TRUE)
        .append("oldestRequiredTimestampForCrashRecovery", checkpoint())
        .append("supportsPendingDrops", BsonBoolean.TRUE)
        .append("persistent", BsonBoolean.TRUE)
        .append("readOnly", BsonBoolean.FALSE)
        .append("backupCursorOpen", BsonBoolean.valueOf(open));
  }

  private org.bson.BsonTimestamp checkpoint() {
    return new org.bson.BsonTimestamp(mongod.store().engine().checkpointTimestamp());
  }

  private BsonDocument transactions() {
    return new BsonDocument("currentActive", new BsonInt64(0))
        .append("currentInactive", new BsonInt64(0))
        .append("currentOpen", new BsonInt64(0))
        .append("currentPrepared", new BsonInt64(mongod.preparedTransactions()));
  }

  private static BsonDocument repl(Replication replication) {
    BsonDocument repl =
        new BsonDocument("setName", new BsonString(replication.set().setName()))
            .append("ismaster", BsonBoolean.valueOf(replication.set().isPrimary()));
    if (replication.set().primary() != null) {
      repl.append("primary", new BsonString(replication.set().primary()));
    }
    return repl;
  }
}
