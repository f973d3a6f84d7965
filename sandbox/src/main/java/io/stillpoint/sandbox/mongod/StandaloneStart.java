package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.mongod.repl.LogicalClock;
import io.stillpoint.sandbox.mongod.repl.Oplog;
import io.stillpoint.sandbox.mongod.repl.PreparedTransactions;
import io.stillpoint.sandbox.mongod.repl.StartupRecovery;

/** What a start without {@code --replSet} does on a directory that may be a replica set's. */
final class StandaloneStart {
  private StandaloneStart() {}

  static void run(Mongod mongod) {
    Store store = mongod.store();
    boolean wasMember =
        store.read(
            () ->
                store.catalog().get("local.system.replset") != null
                    && !store.catalog().get("local.system.replset").rows().isEmpty());
    if (wasMember) {
      mongod
          .log()
          .warning(
              "CONTROL",
              20547,
              "Document(s) exist in 'system.replset', but started without --replSet. Database"
                  + " contents may appear inconsistent with the writes that were visible when this"
                  + " node was running as part of a replica set.");
    }
    if (store.read(() -> ShardIdentity.read(store)) != null) {
      mongod
          .log()
          .warning(
              "CONTROL",
              22075,
              "Not started with --shardsvr, but a shardIdentity document was found on disk");
    }
    Oplog oplog = oplog(mongod);
    if (oplog.exists() && mongod.parameters().isTrue("recoverFromOplogAsStandalone")) {
      new StartupRecovery(store, oplog, new PreparedTransactions(), mongod.log()).run();
      mongod
          .log()
          .warning(
              "REPL",
              21558,
              "Setting mongod to readOnly mode as a result of specifying"
                  + " 'recoverFromOplogAsStandalone'");
    }
  }

  /** A checkpoint without a timestamp has to say how far its data is. */
  static void noteAppliedThrough(Mongod mongod) {
    Oplog oplog = oplog(mongod);
    if (oplog.exists()) {
      new StartupRecovery(mongod.store(), oplog, new PreparedTransactions(), mongod.log())
          .appliedThrough(oplog.last());
    }
  }

  private static Oplog oplog(Mongod mongod) {
    return new Oplog(mongod.store(), new LogicalClock(), mongod.options().oplogBytes());
  }
}
