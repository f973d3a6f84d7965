package io.stillpoint.sandbox.mongod.storage;

/** A file that the engine needs is missing or damaged. */
public final class StorageException extends RuntimeException {
  /** WiredTiger's generic error. */
  public static final int WT_ERROR = -31802;

  /** "No such file or directory". */
  public static final int ENOENT = 2;

  private final int error;

  public StorageException(int error, String message) {
    super(message);
    this.error = error;
  }

  /** The error number that WiredTiger reports for the condition. */
  public int error() {
    return error;
  }
}
