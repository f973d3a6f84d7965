package io.stillpoint.sandbox.mongod;

/** A condition on which mongod ends its process; it is logged before it is thrown. */
public final class FatalError extends RuntimeException {
  /** Exit code of a failed fassert. */
  public static final int ABRUPT = 14;

  /** Exit code of SIGABRT as a shell reports it. */
  public static final int SIGABRT = 134;

  private final int exitCode;

  private FatalError(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }

  /** Logs the two lines of a failed fassert (23091, 23092) and returns the error to throw. */
  public static FatalError fassert(ServerLog log, int msgid, String file, int line) {
    log.fatal("-", 23091, "Fatal assertion", "msgid", msgid, "file", file, "line", line);
    log.fatal("-", 23092, "\n\n***aborting after fassert() failure\n\n");
    return new FatalError("fatal assertion " + msgid, ABRUPT);
  }

  /** Logs one fatal line that ends the process with exit code 14. */
  public static FatalError logged(
      ServerLog log, String component, int id, String message, Object... attributes) {
    log.fatal(component, id, message, attributes);
    return new FatalError(message, ABRUPT);
  }

  /** Logs a failed invariant (23083), which ends the process by SIGABRT. */
  public static FatalError invariant(ServerLog log, String expression, String file, int line) {
    log.fatal("-", 23083, "Invariant failure", "expr", expression, "file", file, "line", line);
    return new FatalError("invariant failure " + expression, SIGABRT);
  }

  /** An error that no rule foresees: nothing may go on as if it had not happened. */
  public static FatalError unexpected(ServerLog log, RuntimeException cause) {
    java.io.StringWriter trace = new java.io.StringWriter();
    cause.printStackTrace(new java.io.PrintWriter(trace));
    return logged(log, "CONTROL", 4757800, "Unhandled exception", "trace", trace.toString());
  }

  /** Ends the process with another exit code, without a fatal line. */
  public static FatalError exit(String message, int exitCode) {
    return new FatalError(message, exitCode);
  }
}
