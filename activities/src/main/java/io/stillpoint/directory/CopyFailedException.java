package io.stillpoint.directory;

import java.nio.file.Path;

/** A file could not be copied. What that means to the operation is for the caller to say. */
public final class CopyFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Which side failed, and how. */
  public enum Reason {
    SOURCE_MISSING,
    SOURCE_SHORT,
    SOURCE_UNREADABLE,
    /** A symbolic link or a special file where a data file should be. */
    SOURCE_UNSUITABLE,
    TARGET_FULL,
    TARGET_UNWRITABLE
  }

  private final Reason reason;

  public CopyFailedException(Reason reason, Path file, String message, Throwable cause) {
    super("%s: %s".formatted(file, message), cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
