package io.stillpoint.sandbox.bench;

import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.bson.BsonDocument;

/**
 * An application that inserts one small document after the other, each with a majority's
 * acknowledgement, and notes how long each took.
 */
final class TimedWriter implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final long PAUSE_MILLIS = 2;
  private static final BsonDocument INSERT =
      BsonDocument.parse(
          "{insert: 'writes', documents: [{text: '%s'}], writeConcern: {w: 'majority'}}"
              .formatted("x".repeat(500)));

  /**
   * @param at seconds since 1970, as histories have them
   */
  private record Write(double at, double millis) {}

  private final List<Write> writes = new ArrayList<>();
  private final Thread thread;
  private volatile boolean ended;
  private volatile Exception failure;

  TimedWriter(String primary) {
    thread = new Thread(() -> write(primary), "timed-writer");
    thread.setDaemon(true);
    thread.start();
  }

  private void write(String primary) {
    try (WireClient client = WireClient.connect(primary, TIMEOUT)) {
      while (!ended) {
        double at = System.currentTimeMillis() / 1e3;
        long start = System.nanoTime();
        client.run("bench", INSERT, TIMEOUT);
        double millis = (System.nanoTime() - start) / 1e6;
        synchronized (writes) {
          writes.add(new Write(at, millis));
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (IOException | CommandException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Those of the last seconds. */
  WriteLatencies since(int seconds) {
    double from = System.currentTimeMillis() / 1e3 - seconds;
    return of(w -> w.at() >= from);
  }

  WriteLatencies within(List<Span> spans) {
    return of(w -> spans.stream().anyMatch(s -> s.from() <= w.at() && w.at() <= s.to()));
  }

  private WriteLatencies of(Predicate<Write> wanted) {
    if (failure != null) {
      throw new IllegalStateException("the writer failed", failure);
    }
    synchronized (writes) {
      return new WriteLatencies(
          writes.stream().filter(wanted).mapToDouble(Write::millis).toArray());
    }
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join(TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
