package io.stillpoint.error;

import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.failure.TimeoutFailure;

/** Translates between our codes and Temporal's failures, in one place. */
public final class Failures {
  private static final int MAX_TEXT = 3000;

  private Failures() {}

  /** A failure that workflow code throws: its type is the code, its message carries the hint. */
  public static ApplicationFailure of(ErrorCode code, String message, String hint) {
    return of(new StillpointException(code, message, hint));
  }

  /**
   * Without cause and stack trace: Temporal replaces a failure of over 4 KiB by a line that says
   * nothing. Who has the cause logs it.
   */
  public static ApplicationFailure of(StillpointException e) {
    return brief(e.code(), e.text(), !e.code().retryable());
  }

  /** What a person reads is short; the rest of a longer message is in the worker's log. */
  public static ApplicationFailure brief(ErrorCode code, String text, boolean nonRetryable) {
    ApplicationFailure failure =
        ApplicationFailure.newBuilder()
            .setType(code.name())
            .setMessage(text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...")
            .setNonRetryable(nonRetryable)
            .build();
    failure.setStackTrace(new StackTraceElement[0]);
    return failure;
  }

  /** The code of the failure that lies at the bottom of a chain of Temporal failures. */
  public static ErrorCode codeOf(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof CanceledFailure) {
        return ErrorCode.CANCELLED;
      }
      if (t instanceof StillpointException own) {
        return own.code();
      }
      if (t instanceof ApplicationFailure application) {
        return codeNamed(application.getType());
      }
    }
    return ErrorCode.INTERNAL;
  }

  /** The message a person should read: that of the innermost failure which says something. */
  public static String messageOf(Throwable failure) {
    String message = "";
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof ApplicationFailure application) {
        return application.getOriginalMessage();
      }
      if (t instanceof StillpointException own) {
        return own.text();
      }
      if (t instanceof TimeoutFailure timeout && failure instanceof ActivityFailure activity) {
        return timeout.getTimeoutType() == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START
            ? "no worker took step %s in time".formatted(activity.getActivityType())
            : "activity %s timed out (%s)"
                .formatted(activity.getActivityType(), timeout.getTimeoutType());
      }
      if (!(t instanceof ActivityFailure) && !(t instanceof ChildWorkflowFailure)) {
        message = String.valueOf(t.getMessage());
      }
    }
    return message;
  }

  /** Code and message: why an operation ended. Who cancels in Temporal's UI gives no reason. */
  public static String reasonOf(Throwable failure) {
    String message = messageOf(failure);
    return "%s: %s"
        .formatted(
            codeOf(failure),
            message.isBlank() ? "temporal was asked to cancel it, without a reason" : message);
  }

  /** The message without its hint: for notes, which tell what happened. */
  public static String factOf(Throwable failure) {
    String message = messageOf(failure);
    int hint = message.indexOf(" HINT: ");
    return hint < 0 ? message : message.substring(0, hint);
  }

  /** True if the chain holds a timeout: nobody took or finished the task in time. */
  public static boolean isTimeout(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof TimeoutFailure) {
        return true;
      }
    }
    return false;
  }

  /** True if the chain holds a timeout of a task that waited for a worker. */
  public static boolean wasNeverTaken(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof TimeoutFailure timeout
          && timeout.getTimeoutType() == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START) {
        return true;
      }
    }
    return false;
  }

  private static ErrorCode codeNamed(String type) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.name().equals(type)) {
        return code;
      }
    }
    return ErrorCode.INTERNAL;
  }
}
