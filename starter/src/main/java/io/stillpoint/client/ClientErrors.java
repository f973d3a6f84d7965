package io.stillpoint.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.error.TemporalProblems;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TerminatedFailure;
import io.temporal.failure.TimeoutFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Turns what the Temporal client throws into our codes, in one place. */
final class ClientErrors {
  private static final String HINT = " HINT: ";

  private static final String REFUSED_BY_VALIDATOR =
      "io.temporal.internal.worker.WorkflowExecutionException";

  /** What the SDK of a worker says that meets an operation of a newer build. */
  private static final String UNSUPPORTED = "UnsupportedVersion";

  private ClientErrors() {}

  /**
   * @param what the operation, in words: "backup 'shop-1'"
   */
  static StillpointException of(RuntimeException e, String what) {
    StillpointException own = find(e, StillpointException.class);
    if (own != null) {
      return own;
    }
    if (e instanceof WorkflowNotFoundException) {
      return new StillpointException(
          ErrorCode.OPERATION_UNKNOWN,
          "%s is not known to temporal".formatted(what),
          "list what there is with: stillpoint list, stillpoint status",
          e);
    }
    StatusRuntimeException status = find(e, StatusRuntimeException.class);
    if (status != null) {
      return ofStatus(status, what);
    }
    if (isTerminated(e)) {
      return terminated(what, Optional.empty(), e);
    }
    ErrorCode code = Failures.codeOf(e);
    if (code == ErrorCode.CANCELLED && find(e, ApplicationFailure.class) == null) {
      return ofText(code, what + " was cancelled", e);
    }
    TimeoutFailure timeout = find(e, TimeoutFailure.class);
    if (code == ErrorCode.INTERNAL && timeout != null) {
      return new StillpointException(
          code,
          "%s timed out (%s)".formatted(what, timeout.getTimeoutType()),
          "see its history in temporal's UI",
          e);
    }
    return ofText(code, Failures.messageOf(e), e);
  }

  static boolean isTerminated(Throwable e) {
    return find(e, TerminatedFailure.class) != null;
  }

  /**
   * @param cluster where it is known
   */
  static StillpointException terminated(String what, Optional<String> cluster, Throwable cause) {
    return new StillpointException(
        ErrorCode.CANCELLED,
        "%s was terminated by force, so nothing was cleaned up by it".formatted(what),
        cluster
            .map(c -> "mend what it left with: stillpoint recover --cluster " + c)
            .orElse("see with stillpoint status what is left to mend"),
        cause);
  }

  /** The same call may succeed a moment later. */
  static boolean isBusy(Throwable e) {
    StatusRuntimeException status = find(e, StatusRuntimeException.class);
    return status != null && status.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED;
  }

  static StillpointException ofUpdate(WorkflowUpdateException e, String what, ErrorCode refused) {
    return e.getCause() instanceof ApplicationFailure failure
            && failure.getType().equals(REFUSED_BY_VALIDATOR)
        ? ofText(refused, failure.getOriginalMessage(), e)
        : of(e, what);
  }

  private static StillpointException ofStatus(StatusRuntimeException e, String what) {
    String description = String.valueOf(e.getStatus().getDescription());
    if (description.contains(UNSUPPORTED)) {
      return wrongWorker(what, description.lines().findFirst().orElse(description));
    }
    return switch (e.getStatus().getCode()) {
      case PERMISSION_DENIED, UNAUTHENTICATED ->
          new StillpointException(
              ErrorCode.TEMPORAL_REFUSED,
              "temporal refused the call for %s (%s: %s)"
                  .formatted(what, e.getStatus().getCode(), description),
              "check what TEMPORAL_API_KEY or the client certificate may do in this namespace",
              e);
      case FAILED_PRECONDITION -> noWorker("the request", e);
      default -> TemporalProblems.of(e, "its address", "configured");
    };
  }

  static StillpointException noWorker(String what, Throwable cause) {
    return new StillpointException(
        ErrorCode.NO_WORKER,
        "%s was not taken up: no control worker polls the task queue 'stillpoint'".formatted(what),
        "start one with: stillpoint worker --config FILE; if one has just started, ask again in a"
            + " moment",
        cause);
  }

  /**
   * A question that nobody answered.
   *
   * @param busySince when a worker began with the workflow's own steps, if one is at them
   */
  static StillpointException unanswered(
      String what, Duration waited, Optional<Instant> busySince, Throwable cause) {
    String fact = "%s did not answer within %d s".formatted(what, waited.toSeconds());
    return busySince
        .map(
            since ->
                new StillpointException(
                    ErrorCode.NO_WORKER,
                    "%s: its control worker has been at one of its steps since %s"
                        .formatted(fact, since),
                    "ask again in a minute or two; the worker's log says what the step waits for",
                    cause))
        .orElseGet(
            () ->
                new StillpointException(
                    ErrorCode.NO_WORKER,
                    fact + ": no control worker took the question up",
                    "start one with: stillpoint worker --config FILE; if one runs, see its log",
                    cause));
  }

  /** A worker polls, but cannot do it. */
  static StillpointException wrongWorker(String what, String failure) {
    return new StillpointException(
        ErrorCode.NO_WORKER,
        "%s was not taken up: the control worker failed at it: %s"
            .formatted(what, failure.replaceAll("\\s+", " ")),
        "compare the worker's build with: stillpoint version; an older one does not know all that"
            + " this command asks for",
        null);
  }

  /** Splits the text that a failure carries into message and hint. */
  static StillpointException ofText(ErrorCode code, String text, Throwable cause) {
    int at = text.indexOf(HINT);
    return at < 0
        ? new StillpointException(code, text, "", cause)
        : new StillpointException(
            code, text.substring(0, at), text.substring(at + HINT.length()), cause);
  }

  private static <T extends Throwable> T find(Throwable failure, Class<T> type) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return type.cast(t);
      }
    }
    return null;
  }
}
