package io.stillpoint.sim.virtual;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual time: what is to happen, and when. What is due at one moment runs in order of entry. */
final class Agenda {

  private record Entry(long at, long order, Runnable action) {}

  private static final long BEGIN = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  private final PriorityQueue<Entry> entries =
      new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::order));
  private long now = BEGIN;
  private long entered;

  /** Milliseconds of the epoch. */
  long now() {
    return now;
  }

  void in(Duration delay, Runnable action) {
    at(now + delay.toMillis(), action);
  }

  void at(long time, Runnable action) {
    entries.add(new Entry(Math.max(now, time), entered++, action));
  }

  /** Does what is due next; false if there is nothing any more. */
  boolean step() {
    Entry next = entries.poll();
    if (next == null) {
      return false;
    }
    now = next.at();
    next.action().run();
    return true;
  }
}
