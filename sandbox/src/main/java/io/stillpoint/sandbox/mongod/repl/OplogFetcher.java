package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.catalog.Catalog;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.storage.StorageException;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonValue;

/** Keeps a secondary up to date: pulls entries from the primary, applies them, reports back. */
public final class OplogFetcher {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** An idle secondary hears of a new commit point only this often, as was measured. */
  private static final int WAIT_MILLIS = 1000;

  private static final int BATCH_ENTRIES = 5000;
  private static final int BATCH_BYTES = 4 << 20;

  private final Store store;
  private final Oplog oplog;
  private final ReplicaSet set;
  private final Peers peers;
  private final ServerLog log;
  private final OplogApplier applier;
  private final InitialSync initialSync;
  private final StartupRecovery recovery;
  private final Consumer<FatalError> onFatal;
  private final Thread fetcher = new Thread(this::run, "OplogFetcher");
  private final Thread reporter = new Thread(this::report, "SyncSourceFeedback");
  private volatile boolean stopped;
  private volatile boolean paused;
  private final AtomicInteger pauses = new AtomicInteger();
  private volatile boolean flushPaused;

  public OplogFetcher(
      Store store,
      Oplog oplog,
      ReplicaSet set,
      Peers peers,
      InitialSync initialSync,
      StartupRecovery recovery,
      PreparedTransactions prepared,
      ServerLog log,
      Consumer<FatalError> onFatal) {
    this.store = store;
    this.oplog = oplog;
    this.set = set;
    this.peers = peers;
    this.initialSync = initialSync;
    this.recovery = recovery;
    this.log = log;
    this.onFatal = onFatal;
    this.applier = new OplogApplier(store, prepared);
    fetcher.setDaemon(true);
    reporter.setDaemon(true);
  }

  public void start() {
    fetcher.start();
    reporter.start();
  }

  public void stop() {
    stopped = true;
    fetcher.interrupt();
    reporter.interrupt();
  }

  /** Stops pulling until resumed; for tests of lagging members. */
  public void pause(boolean pausing) {
    paused = pausing;
    pauses.incrementAndGet();
  }

  /** Leaves what it applies to the journal's flusher, which somebody has paused. */
  public void pauseFlush(boolean pausing) {
    flushPaused = pausing;
  }

  private void run() {
    while (!stopped) {
      try {
        step();
      } catch (InterruptedException e) {
        return;
      } catch (FatalError e) {
        onFatal.accept(e);
        return;
      } catch (IOException | CommandException e) {
        log.info("REPL", 21275, "Recreating cursor for oplog fetcher", "error", e.toString());
        set.syncSource("");
        pause(200);
      } catch (StorageException e) {
        onFatal.accept(Catalog.unusable(log, e, "table"));
        return;
      } catch (RuntimeException e) {
        if (!stopped) {
          onFatal.accept(FatalError.unexpected(log, e));
        }
        return;
      }
    }
  }

  private void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step() throws InterruptedException, IOException {
    String from = source();
    boolean pulls =
        set.state() == MemberState.STARTUP2
            || set.state() == MemberState.SECONDARY
            || set.state() == MemberState.RECOVERING;
    if (from == null || paused || set.self() == null || !pulls) {
      set.awaitChange(100);
      return;
    }
    try (WireClient source = peers.connect(from, TIMEOUT)) {
      if (set.state() == MemberState.STARTUP2) {
        initialSync.run(source, this::apply);
      }
      set.syncSource(from);
      while (!stopped && !paused && from.equals(source()) && !set.isPrimary()) {
        pull(source);
      }
    } finally {
      set.syncSource("");
    }
  }

  /**
   * The primary or, while there is none, a member that has more than this one: nobody votes for a
   * member that lacks what the voter has, so a set whose newest member is not electable needs this
   * to elect anybody. Null if there is no such member.
   */
  private String source() {
    String primary = set.primary();
    if (primary != null || set.state() != MemberState.SECONDARY) {
      return primary;
    }
    return set.others().stream()
        .filter(member -> set.view(member.id()).state() == MemberState.SECONDARY)
        .filter(member -> set.view(member.id()).applied().compareTo(set.applied()) > 0)
        .max(Comparator.comparing(member -> set.view(member.id()).applied()))
        .map(ReplicaSetConfig.Member::host)
        .orElse(null);
  }

  private void pull(WireClient source) throws IOException, InterruptedException {
    int before = pauses.get();
    BsonDocument reply = fetch(source, set.applied(), set.self().id(), WAIT_MILLIS);
    if (reply.getBoolean("gone", BsonBoolean.FALSE).getValue()) {
      if (set.primary() == null) {
        throw new IOException("the sync source does not have " + set.applied());
      }
      log.info("ROLLBACK", 21593, "Transition to ROLLBACK", "lastApplied", set.applied().toBson());
      set.setState(MemberState.ROLLBACK);
      set.setState(MemberState.STARTUP2);
      throw new IOException("the sync source does not have " + set.applied());
    }
    // What was under way when it was paused is not applied, not even after it was resumed.
    if (paused || pauses.get() != before) {
      return;
    }
    List<BsonDocument> entries = new ArrayList<>();
    for (BsonValue value : reply.getArray("entries")) {
      entries.add(value.asDocument());
    }
    long delay = set.self().delaySeconds() * 1000;
    for (BsonDocument entry : delay > 0 ? entries : List.<BsonDocument>of()) {
      awaitDelay(entry, delay);
      apply(List.of(entry));
    }
    if (delay == 0 && !entries.isEmpty() && !set.isPrimary()) {
      apply(entries);
    }
    set.learnCommitPoint(OpTime.of(reply.getDocument("lastCommitted")));
  }

  private void awaitDelay(BsonDocument entry, long delay) throws InterruptedException {
    long due = entry.getDateTime("wall").getValue() + delay;
    while (!stopped && System.currentTimeMillis() < due) {
      Thread.sleep(Math.min(100, Math.max(1, due - System.currentTimeMillis())));
    }
  }

  /** Asks for the entries after a position. */
  static BsonDocument fetch(WireClient source, OpTime after, int from, int waitMillis)
      throws IOException {
    return source.run(
        "admin",
        new BsonDocument("replSetFetchOplog", new BsonInt32(1))
            .append("after", after.toBson())
            .append("from", new BsonInt32(from))
            .append("waitMillis", new BsonInt32(waitMillis)),
        TIMEOUT);
  }

  /** Asks for the entries after a time, whether there is one at that time or not. */
  static BsonDocument fetchFrom(WireClient source, long ts, int from) throws IOException {
    return source.run(
        "admin",
        new BsonDocument("replSetFetchOplog", new BsonInt32(1))
            .append("after", new OpTime(ts, -1).toBson())
            .append("unchecked", BsonBoolean.TRUE)
            .append("from", new BsonInt32(from))
            .append("waitMillis", new BsonInt32(0)),
        TIMEOUT);
  }

  /** Answers {@link #fetch}; {@code gone: true} when the asker's newest entry is not here. */
  public BsonDocument answer(BsonDocument request) throws InterruptedException {
    OpTime after = OpTime.of(request.getDocument("after"));
    boolean known = request.containsKey("unchecked") || store.read(() -> oplog.contains(after));
    if (!known) {
      return new BsonDocument("gone", BsonBoolean.TRUE);
    }
    oplog.awaitAfter(after.ts(), request.getNumber("waitMillis").longValue());
    BsonArray entries = new BsonArray();
    store
        .read(() -> oplog.after(after.ts(), BATCH_ENTRIES, BATCH_BYTES))
        .forEach(row -> entries.add(Documents.view(row)));
    return new BsonDocument("entries", entries)
        .append("lastCommitted", set.committed().toBson())
        .append("term", new BsonInt64(set.term()));
  }

  private void apply(List<BsonDocument> entries) {
    if (entries.isEmpty()) {
      return;
    }
    OpTime end = OpTime.of(entries.get(entries.size() - 1));
    recovery.minValid(end);
    store.write(
        () -> {
          if (set.isPrimary()) {
            return;
          }
          for (BsonDocument entry : entries) {
            applier.apply(entry);
            oplog.append(entry);
          }
          set.wrote(oplog.last());
        });
    if (set.state() == MemberState.RECOVERING && recovery.minValid() <= end.ts()) {
      set.setState(MemberState.SECONDARY);
    }
    if (!flushPaused) {
      OpTime last = oplog.last();
      store.engine().flushJournal();
      set.flushed(last);
    }
  }

  private void report() {
    OpTime sentApplied = OpTime.NONE;
    OpTime sentDurable = OpTime.NONE;
    WireClient client = null;
    String connectedTo = "";
    while (!stopped) {
      String source = set.syncSource();
      try {
        if (source.isEmpty()
            || (sentApplied.equals(set.applied())
                && sentDurable.equals(set.durable())
                && source.equals(connectedTo))) {
          set.awaitChange(500);
          continue;
        }
        if (client == null || client.isClosed() || !source.equals(connectedTo)) {
          if (client != null) {
            client.close();
          }
          client = peers.connect(source, TIMEOUT);
          connectedTo = source;
        }
        OpTime applied = set.applied();
        OpTime durable = set.durable();
        client.run(
            "admin",
            new BsonDocument("replSetUpdatePosition", new BsonInt32(1))
                .append("from", new BsonInt32(set.self().id()))
                .append("applied", applied.toBson())
                .append("durable", durable.toBson()),
            TIMEOUT);
        sentApplied = applied;
        sentDurable = durable;
      } catch (IOException | CommandException e) {
        connectedTo = "";
        pause(200);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
