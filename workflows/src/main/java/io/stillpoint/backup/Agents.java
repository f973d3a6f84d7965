package io.stillpoint.backup;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.temporal.failure.TemporalFailure;

/** Says in the user's words that nobody answered on a member's task queue. */
public final class Agents {

  private Agents() {}

  /** The failure itself, or AGENT_UNREACHABLE if it is a timeout. */
  public static TemporalFailure unreachable(TemporalFailure failure, String member) {
    if (!Failures.isTimeout(failure)) {
      return failure;
    }
    return Failures.of(
        ErrorCode.AGENT_UNREACHABLE,
        "no node agent answered for member %s".formatted(member),
        "start a worker with role node that lists %s, then try again".formatted(member));
  }

  /**
   * The failure itself, or AGENT_UNREACHABLE if an agent that had answered before did not take its
   * step, or not take it up again. A step that took too long is something else.
   */
  public static TemporalFailure gone(TemporalFailure failure, String cluster, String member) {
    if (!Failures.wasNeverTaken(failure)) {
      return failure;
    }
    return Failures.of(
        ErrorCode.AGENT_UNREACHABLE,
        "the node agent of member %s does not answer any more".formatted(member),
        "start a worker with role node that lists %s; what was left there goes with: stillpoint recover --cluster %s"
            .formatted(member, cluster));
  }
}
