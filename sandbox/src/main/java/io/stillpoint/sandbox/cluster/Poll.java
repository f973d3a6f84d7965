package io.stillpoint.sandbox.cluster;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for a condition by asking again and again. */
final class Poll {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  private Poll() {}

  /**
   * Asks until the answer is null.
   *
   * @param problem what is still missing, or null when nothing is
   * @throws ClusterException with the last answer, when the deadline passes
   */
  static void untilNull(Duration deadline, String what, Supplier<String> problem) {
    long end = System.nanoTime() + deadline.toNanos();
    String last = problem.get();
    while (last != null) {
      if (System.nanoTime() > end) {
        throw new ClusterException(
            "%s did not happen within %d s: %s".formatted(what, deadline.toSeconds(), last));
      }
      if (Thread.interrupted()) {
        throw new ClusterException("interrupted while waiting: " + what);
      }
      LockSupport.parkNanos(INTERVAL.toNanos());
      last = problem.get();
    }
  }
}
