package io.stillpoint.sim.virtual;

import io.temporal.api.common.v1.RetryPolicy;
import io.temporal.api.failure.v1.Failure;
import java.time.Duration;

/** A server's answer to a failed attempt. */
final class RetryRule {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final double BACKOFF = 2.0;
  private static final int MOST_INTERVALS = 100;

  private RetryRule() {}

  /** False for failures that say so, and for those that the policy names. */
  static boolean allows(RetryPolicy policy, Failure failure) {
    if (failure.hasCanceledFailureInfo() || failure.hasTerminatedFailureInfo()) {
      return false;
    }
    return !failure.hasApplicationFailureInfo()
        || !failure.getApplicationFailureInfo().getNonRetryable()
            && !policy
                .getNonRetryableErrorTypesList()
                .contains(failure.getApplicationFailureInfo().getType());
  }

  /**
   * @param attempt the one that failed, 1-based
   */
  static Duration delay(RetryPolicy policy, int attempt) {
    Duration first =
        policy.hasInitialInterval() ? Protos.duration(policy.getInitialInterval()) : FIRST;
    double backoff = policy.getBackoffCoefficient() == 0 ? BACKOFF : policy.getBackoffCoefficient();
    Duration most =
        policy.hasMaximumInterval()
            ? Protos.duration(policy.getMaximumInterval())
            : first.multipliedBy(MOST_INTERVALS);
    double millis = first.toMillis() * Math.pow(backoff, attempt - 1);
    return millis >= most.toMillis() ? most : Duration.ofMillis((long) millis);
  }
}
