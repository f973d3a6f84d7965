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
}
