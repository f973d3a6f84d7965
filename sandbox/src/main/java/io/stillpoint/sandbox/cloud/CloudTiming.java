package io.stillpoint.sandbox.cloud;

import java.time.Duration;

/**
 * How slow the simulated cloud is.
 *
 * @param fixing from the call until the snapshot's content is fixed (Compute's CREATING)
 * @param uploading from then until the snapshot can be restored from
 * @param hidden how long a new thing stays out of answers to look-ups
 * @param attaching how long volumes take to be created, attached and detached
 * @param limits whether the rate and concurrency limits per volume are enforced
 */
public record CloudTiming(
    Duration fixing, Duration uploading, Duration hidden, Duration attaching, boolean limits) {

  /** Nothing takes time, and nothing is limited. */
  public static final CloudTiming INSTANT =
      new CloudTiming(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, false);

  /** A cloud as it behaves on an ordinary day, with small volumes. */
  public static final CloudTiming ORDINARY =
      new CloudTiming(
          Duration.ofSeconds(2),
          Duration.ofMinutes(3),
          Duration.ofSeconds(1),
          Duration.ofSeconds(4),
          true);

  public CloudTiming withHidden(Duration time) {
    return new CloudTiming(fixing, uploading, time, attaching, limits);
  }
}
