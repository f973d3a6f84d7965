package io.stillpoint.mongo;

/** What a server answered to a command it refused: always the cause of a StillpointException. */
public final class CommandFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int code;

  CommandFailedException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** The server's numeric error code; 0 where it sent none. */
  public int code() {
    return code;
  }
}
