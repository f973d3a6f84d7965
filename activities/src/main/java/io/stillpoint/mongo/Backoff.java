package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Pauses that grow, up to a total that is the deadline. For one thread. */
public final class Backoff {

  private final long deadlineNanos;
  private final long longestNanos;
  private long nextNanos;

  public Backoff(Duration first, Duration longest, Duration total) {
    this.nextNanos = first.toNanos();
    this.longestNanos = longest.toNanos();
    this.deadlineNanos = System.nanoTime() + total.toNanos();
  }

  /** Pauses and returns true; returns false without a pause once the deadline has passed. */
  public boolean pause() {
    if (System.nanoTime() - deadlineNanos >= 0) {
      return false;
    }
    sleep(nextNanos);
    nextNanos = Math.min(longestNanos, nextNanos + nextNanos / 2);
    return true;
  }

  /** A single pause. Fails, retryably, if the worker is stopped meanwhile. */
  public static void pause(Duration duration) {
    sleep(duration.toNanos());
  }

  private static void sleep(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StillpointException(
          ErrorCode.MONGO_COMMAND_FAILED,
          "the worker was stopped while it waited for a server",
          "another worker tries again by itself",
          e);
    }
  }
}
