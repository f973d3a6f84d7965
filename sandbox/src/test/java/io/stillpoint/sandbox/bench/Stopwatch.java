package io.stillpoint.sandbox.bench;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Started when it is made. */
final class Stopwatch {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final long BETWEEN_LOOKS_MILLIS = 10;

  private final long start = System.nanoTime();

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Seconds from the start until the condition held, to within one look. */
  double until(String what, BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      if (seconds() > PATIENCE.toSeconds()) {
        throw new IllegalStateException(
            "waited %d s in vain for %s".formatted(PATIENCE.toSeconds(), what));
      }
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
    }
    return seconds();
  }
}
