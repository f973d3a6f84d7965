package io.stillpoint.sandbox.demo;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** How long the story waits for anything before it says for what in vain. */
final class Patience {

  static final Duration LIMIT = Duration.ofSeconds(400);

  private Patience() {}

  /**
   * @throws DemoException naming what was waited for
   */
  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new DemoException("waited %d s in vain for %s".formatted(LIMIT.toSeconds(), what));
      }
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
  }
}
