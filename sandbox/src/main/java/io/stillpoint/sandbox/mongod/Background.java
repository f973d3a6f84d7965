package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.mongod.config.Parameters;
import io.stillpoint.sandbox.mongod.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** What happens by itself: journal flushes, checkpoints, expiry of cursors and sessions. */
final class Background {
  private interface Work {
    void run() throws InterruptedException;
  }

  private final Mongod mongod;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  Background(Mongod mongod) {
    this.mongod = mongod;
  }

  void start() {
    Parameters parameters = mongod.parameters();
    every("JournalFlusher", () -> parameters.number("journalCommitInterval"), this::flush);
    every("Checkpointer", () -> parameters.number("syncdelay") * 1000, this::checkpoint);
    every(
        "clientcursormon",
        () -> parameters.number("clientCursorMonitorFrequencySecs") * 1000,
        this::reapCursors);
    every(
        "LogicalSessionCacheRefresh",
        () -> parameters.number("logicalSessionRefreshMillis"),
        () ->
            mongod
                .sessions()
                .refresh(parameters.number("localLogicalSessionTimeoutMinutes") * 60_000));
    every("AbortExpiredTransactions", () -> 1000, this::abortExpiredTransactions);
    mongod
        .replication()
        .ifPresent(
            replication -> {
              every(
                  "NoopWriter",
                  () -> parameters.number("periodicNoopIntervalSecs") * 1000,
                  replication::writePeriodicNoop);
              every(
                  "OplogCapMaintainer",
                  () -> 1000,
                  () -> replication.trimOplog(mongod.backups().pinnedOplog()));
            });
  }

  private void every(String name, LongSupplier millis, Work work) {
    Thread thread = new Thread(() -> loop(millis, work), name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void loop(LongSupplier millis, Work work) {
    long done = System.nanoTime();
    while (!stopped) {
      try {
        // Short sleeps, so that a changed parameter takes effect soon; 0 means never.
        long due = done + millis.getAsLong() * 1_000_000;
        long left = (due - System.nanoTime()) / 1_000_000;
        if (millis.getAsLong() == 0 || left > 0) {
          Thread.sleep(Math.max(1, Math.min(left, 200)));
          continue;
        }
        done = System.nanoTime();
        work.run();
      } catch (InterruptedException e) {
        return;
      } catch (FatalError e) {
        mongod.die(e);
      } catch (StorageException e) {
        mongod.die(io.stillpoint.sandbox.mongod.catalog.Catalog.unusable(mongod.log(), e, "table"));
      } catch (RuntimeException e) {
        if (!mongod.isEnding()) {
          mongod.die(FatalError.unexpected(mongod.log(), e));
        }
      }
    }
  }

  private void flush() {
    mongod
        .replication()
        .ifPresentOrElse(
            replication -> replication.flush(), () -> mongod.store().engine().flushJournal());
  }

  private void checkpoint() {
    mongod.store().write(() -> mongod.store().catalog().saveSizes());
    mongod.checkpoint();
  }

  private void abortExpiredTransactions() {
    long limit = mongod.parameters().number("transactionLifetimeLimitSeconds");
    mongod.store().write(() -> mongod.transactions().abortRunning(limit));
  }

  private void reapCursors() {
    boolean sessionsProtect =
        mongod.version().atLeast(5)
            && !mongod.parameters().isTrue("enableTimeoutOfInactiveSessionCursors");
    mongod.cursors().reap(mongod.parameters().number("cursorTimeoutMillis"), sessionsProtect);
  }

  void stop() {
    stopped = true;
    threads.forEach(Thread::interrupt);
  }
}
