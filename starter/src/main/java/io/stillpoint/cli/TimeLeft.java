package io.stillpoint.cli;

import io.stillpoint.client.CopyProgress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Guesses when copies will be done, from how fast they went since they were first seen. */
final class TimeLeft {
  /** A guess from less than this would jump about. */
  private static final Duration SHORTEST = Duration.ofSeconds(2);

  private record Seen(long nanos, long doneBytes) {}

  private final LongSupplier nanos;
  private final Map<String, Seen> first = new HashMap<>();

  /**
   * @param nanos a clock that only goes forward
   */
  TimeLeft(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Empty as long as there is nothing to guess from. */
  Optional<Duration> of(String name, CopyProgress copy) {
    long now = nanos.getAsLong();
    Seen start = first.computeIfAbsent(name, n -> new Seen(now, copy.doneBytes()));
    long done = copy.doneBytes() - start.doneBytes();
    if (done < 0) {
      // Another attempt counts anew.
      first.put(name, new Seen(now, copy.doneBytes()));
      return Optional.empty();
    }
    long elapsed = now - start.nanos();
    long left = copy.totalBytes() - copy.doneBytes();
    if (done == 0 || left <= 0 || elapsed < SHORTEST.toNanos()) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofSeconds(Math.round((double) elapsed / done * left / 1e9)));
  }
}
