package io.stillpoint.directory;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Slows a copy down to a number of bytes per second, so that it leaves the disk to the database.
 * Shared by all threads of one copy.
 */
final class CopyRate {

  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final long bytesPerSecond;
  private long freeAtNanos = System.nanoTime();

  /**
   * @param bytesPerSecond 0 for as fast as it goes
   */
  CopyRate(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** The largest step that keeps the copy even: a tenth of a second's worth. */
  long step(long largest) {
    return bytesPerSecond == 0 ? largest : Math.min(largest, Math.max(4096, bytesPerSecond / 10));
  }

  /** Waits until these bytes are due, or the copy is over. */
  void await(long bytes, BooleanSupplier over) {
    if (bytesPerSecond == 0) {
      return;
    }
    long until = reserve(bytes);
    for (long left = until - System.nanoTime();
        left > 0 && !over.getAsBoolean() && !Thread.currentThread().isInterrupted();
        left = until - System.nanoTime()) {
      LockSupport.parkNanos(Math.min(left, SLICE_NANOS));
    }
  }

  private synchronized long reserve(long bytes) {
    long now = System.nanoTime();
    long cost = (long) (bytes * (double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond);
    freeAtNanos = Math.max(freeAtNanos, now) + cost;
    return freeAtNanos;
  }
}
