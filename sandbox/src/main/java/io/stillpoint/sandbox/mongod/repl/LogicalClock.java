package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.concurrent.atomic.AtomicLong;
import org.bson.BsonTimestamp;

/** The cluster time: seconds in the upper, an increment in the lower 32 bits. */
public final class LogicalClock {
  private static final long MAX_DRIFT_SECONDS = 31_536_000;

  private final AtomicLong time = new AtomicLong();

  public long now() {
    return time.get();
  }

  /** The next cluster time: the wall clock's second, or one more than the newest known time. */
  public long tick() {
    long wall = System.currentTimeMillis() / 1000 << 32;
    return time.updateAndGet(last -> last < wall ? wall + 1 : last + 1);
  }

  /** Learns a time that a trusted source (oplog, other member) is at. */
  public void advance(long to) {
    time.accumulateAndGet(to, Math::max);
  }

  /**
   * Learns a time from a client.
   *
   * @throws CommandException 205 when it is more than a year ahead of the wall clock
   */
  public void gossip(long to) {
    long seconds = to >>> 32;
    long wall = System.currentTimeMillis() / 1000;
    if (to > now() && seconds > wall + MAX_DRIFT_SECONDS) {
      throw new CommandException(
          205,
          "ClusterTimeFailsRateLimiter",
          "New cluster time, %d, is too far from this node's wall clock time, %d."
              .formatted(new BsonTimestamp(to).getTime(), wall));
    }
    advance(to);
  }
}
