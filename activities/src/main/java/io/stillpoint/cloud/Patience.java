package io.stillpoint.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Looks again and again, at growing intervals, for something that a cloud shows late. No look
 * proves that a thing does not exist, so what comes after an empty answer must be harmless.
 */
public final class Patience {

  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final Pacer pacer;

  public Patience(Pacer pacer) {
    this.pacer = pacer;
  }

  /** The first answer that is not empty, or empty once the time has passed. */
  public <T> Optional<T> find(Duration limit, Runnable alive, Supplier<Optional<T>> look) {
    Instant deadline = pacer.now().plus(limit);
    Duration wait = FIRST;
    while (true) {
      Optional<T> found = look.get();
      if (found.isPresent() || !pacer.now().isBefore(deadline)) {
        return found;
      }
      alive.run();
      pacer.pause(wait);
      wait = wait.multipliedBy(2).compareTo(LONGEST) < 0 ? wait.multipliedBy(2) : LONGEST;
    }
  }
}
