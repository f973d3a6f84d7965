package io.stillpoint.sandbox.bench;

import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;

/**
 * Looks at servers from outside: when the first backup cursor was open on any of them, and when the
 * last one was. To within {@value #BETWEEN_LOOKS_MILLIS} ms at either end.
 */
final class CursorWatch implements AutoCloseable {

  static final long BETWEEN_LOOKS_MILLIS = 50;

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** What is not asked for need not be gathered. */
  private static final BsonDocument LOOK =
      BsonDocument.parse(
          "{serverStatus: 1, wiredTiger: 0, metrics: 0, locks: 0, tcmalloc: 0, repl: 0,"
              + " opcounters: 0, globalLock: 0, extra_info: 0, network: 0, sharding: 0,"
              + " opLatencies: 0, logicalSessionRecordCache: 0, transactions: 0, flowControl: 0}");

  private final List<Thread> threads;
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;
  private volatile boolean ended;

  CursorWatch(List<LocalServer> servers) {
    threads = servers.stream().map(s -> new Thread(() -> watch(s), "watch-" + s.name())).toList();
    threads.forEach(
        t -> {
          t.setDaemon(true);
          t.start();
        });
  }

  private void watch(LocalServer server) {
    try (WireClient client = WireClient.connect(server.address(), TIMEOUT)) {
      while (!ended) {
        long before = System.nanoTime();
        BsonDocument engine =
            client.run("admin", LOOK, TIMEOUT).getDocument("storageEngine", new BsonDocument());
        if (engine.getBoolean("backupCursorOpen", BsonBoolean.FALSE).getValue()) {
          seen(before, System.nanoTime());
        }
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
      }
    } catch (IOException | CommandException e) {
      throw new IllegalStateException("the cursors of " + server + " cannot be watched", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void seen(long from, long to) {
    first = Math.min(first, from);
    last = Math.max(last, to);
  }

  /** Seconds from the first look that saw a cursor to the last one. */
  synchronized double seconds() {
    if (last < first) {
      throw new IllegalStateException("no look saw an open backup cursor");
    }
    return (last - first) / 1e9;
  }

  @Override
  public void close() {
    ended = true;
    threads.forEach(Thread::interrupt);
  }
}
