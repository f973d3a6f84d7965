package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.config.Options;
import io.stillpoint.sandbox.mongod.config.Parameters;
import io.stillpoint.sandbox.mongod.storage.StorageEngine.CheckpointKind;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.function.Consumer;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/** The parts that make a server a member of a replica set. */
public final class Replication {
  private final Store store;
  private final LogicalClock clock = new LogicalClock();
  private final Oplog oplog;
  private final ReplicaSet set;
  private final Heartbeats heartbeats;
  private final Elections elections;
  private final PreparedTransactions prepared = new PreparedTransactions();
  private final StartupRecovery recovery;
  private final OplogFetcher fetcher;
  private final Options options;
  private final Peers peers;
  private volatile boolean flushPaused;

  public Replication(
      Store store, ServerLog log, Options options, Peers peers, Consumer<FatalError> onFatal) {
    this.peers = peers;
    this.store = store;
    this.options = options;
    this.oplog = new Oplog(store, clock, options.oplogBytes());
    this.set = new ReplicaSet(store, log, clock, oplog, options.replSet(), options.port());
    this.heartbeats = new Heartbeats(set, peers);
    this.elections = new Elections(set, heartbeats, peers, log, onFatal);
    this.recovery = new StartupRecovery(store, oplog, prepared, log);
    InitialSync initialSync = new InitialSync(store, oplog, set, recovery, log);
    this.fetcher =
        new OplogFetcher(store, oplog, set, peers, initialSync, recovery, prepared, log, onFatal);
  }

  public LogicalClock clock() {
    return clock;
  }

  public Oplog oplog() {
    return oplog;
  }

  public ReplicaSet set() {
    return set;
  }

  public PreparedTransactions prepared() {
    return prepared;
  }

  public Heartbeats heartbeats() {
    return heartbeats;
  }

  /** Connects to the other servers of the cluster. */
  public Peers peers() {
    return peers;
  }

  public Elections elections() {
    return elections;
  }

  public OplogFetcher fetcher() {
    return fetcher;
  }

  /** Brings the data to the top of the oplog and reads the configuration. */
  public void recover(Parameters parameters) {
    store.write(
        () -> {
          for (String name :
              new String[] {
                "startup_log",
                "system.replset",
                "replset.election",
                "replset.minvalid",
                "replset.oplogTruncateAfterPoint"
              }) {
            store.local(name);
          }
        });
    if (oplog.exists()) {
      recovery.run();
    }
    store.engine().checkpoint(CheckpointKind.STABLE);
    set.load();
    if (set.config() != null
        && set.state() == MemberState.STARTUP2
        && oplog.exists()
        && !oplog.last().isNone()
        && !recovery.initialSyncUnfinished()) {
      // Not consistent before it has everything of the batch that it died in.
      boolean consistent = recovery.minValid() <= oplog.last().ts();
      set.setState(consistent ? MemberState.SECONDARY : MemberState.RECOVERING);
    }
  }

  public void start() {
    elections.start();
    fetcher.start();
  }

  public void stop() {
    elections.stop();
    fetcher.stop();
  }

  /**
   * Makes this node the first member of a new set.
   *
   * @throws CommandException 23 when there is a configuration already, 93 when the given one is not
   *     usable
   */
  public void initiate(BsonDocument given, boolean delayIsSlaveDelay) {
    if (set.config() != null) {
      throw new CommandException(23, "AlreadyInitialized", "already initialized");
    }
    if (!given.getString("_id").getValue().equals(set.setName())) {
      throw new CommandException(
          93,
          "InvalidReplicaSetConfig",
          "Attempting to initiate a replica set with name %s, but command line reports %s; rejecting"
              .formatted(given.getString("_id").getValue(), set.setName()));
    }
    ReplicaSetConfig config =
        ReplicaSetConfig.complete(given, 1, 0, options.isConfigServer(), delayIsSlaveDelay);
    store.write(
        () -> {
          oplog.create();
          BsonDocument o = new BsonDocument("msg", new BsonString("initiating set"));
          set.wrote(oplog.log(clock.tick(), -1, "n", "", new BsonDocument("o", o)));
        });
    store.engine().advanceStableTimestamp(oplog.last().ts());
    set.install(config, true);
    store.engine().checkpoint(CheckpointKind.STABLE);
    flush();
    if (!set.self().arbiter()) {
      set.setState(MemberState.SECONDARY);
    }
    elections.standSoon();
  }

  /** For the fail point {@code pauseJournalFlusherThread}. */
  public void pauseFlush(boolean pausing) {
    flushPaused = pausing;
    fetcher.pauseFlush(pausing);
  }

  /** Makes everything written so far durable and notes how far that is. */
  public void flush() {
    if (flushPaused) {
      return;
    }
    OpTime last = oplog.last();
    store.engine().flushJournal();
    if (!last.isNone()) {
      set.flushed(last);
    }
  }

  /** Writes a no-op entry if this is the primary, so that cluster time moves in an idle set. */
  public void writePeriodicNoop() {
    store.write(
        () -> {
          if (set.writable()) {
            BsonDocument o = new BsonDocument("msg", new BsonString("periodic noop"));
            set.wrote(oplog.log(clock.tick(), set.term(), "n", "", new BsonDocument("o", o)));
          }
        });
  }

  /** Keeps the oplog at its cap, except for what a restart or an open backup needs. */
  public void trimOplog(long pinnedByBackup) {
    if (oplog.exists() && oplog.sizeBytes() > oplog.capBytes()) {
      store.write(
          () -> {
            long needed = Math.min(store.engine().checkpointTimestamp(), prepared.oldest());
            oplog.trim(Math.min(pinnedByBackup, needed));
          });
    }
  }

  /** The cluster times for a reply. */
  public BsonDocument clusterTime() {
    return new BsonDocument("clusterTime", new BsonTimestamp(clock.now()))
        .append(
            "signature",
            new BsonDocument("hash", new org.bson.BsonBinary(new byte[20]))
                .append("keyId", new org.bson.BsonInt64(0)));
  }

  /** The first replies of a member say which election its view comes from. */
  public BsonInt32 configVersion() {
    return new BsonInt32(set.config() == null ? -1 : (int) set.config().version());
  }
}
