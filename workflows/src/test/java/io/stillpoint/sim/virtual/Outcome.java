package io.stillpoint.sim.virtual;

import io.temporal.api.common.v1.Payloads;
import io.temporal.api.failure.v1.Failure;
import java.time.Duration;
import java.util.Optional;

/** How one attempt of an activity ended, as its worker sees it. */
sealed interface Outcome {

  record Completed(Optional<Payloads> result) implements Outcome {}

  /**
   * @param retryDelay what the failure itself asks for
   */
  record Failed(Failure failure, Optional<Duration> retryDelay) implements Outcome {}

  record Canceled() implements Outcome {}

  record Interrupted(Fate fate) implements Outcome {}
}
