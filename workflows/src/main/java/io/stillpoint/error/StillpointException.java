package io.stillpoint.error;

/**
 * A refusal or failure with a stable code, a lowercase message that states both facts, and a hint
 * that names the next command. Adapters throw it; at the border to Temporal it becomes an
 * application failure of the same type.
 */
public final class StillpointException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String hint;

  public StillpointException(ErrorCode code, String message, String hint) {
    this(code, message, hint, null);
  }

  public StillpointException(ErrorCode code, String message, String hint, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.hint = hint;
  }

  public ErrorCode code() {
    return code;
  }

  /** What to do next; empty when there is nothing sensible to say. */
  public String hint() {
    return hint;
  }

  /** The message and the hint as users see them: of those that the message quotes, none is one. */
  public String text() {
    return hint.isEmpty()
        ? getMessage()
        : "%s HINT: %s".formatted(quoted(String.valueOf(getMessage())), quoted(hint));
  }

  private static String quoted(String text) {
    return text.replace(" HINT: ", "; ");
  }
}
