package io.stillpoint.client;

/** A backup or a restore that was started. */
public sealed interface Operation permits BackupOperation, RestoreOperation {
  String name();

  boolean isRunning();

  /**
   * Returns once a worker has begun; otherwise withdraws the operation.
   *
   * @throws io.stillpoint.error.StillpointException NO_WORKER after 15 seconds
   */
  void awaitPickedUp();

  /** What its workers do now; needs no worker to answer. */
  PendingWork pending();

  /**
   * Gives the operation up; it cleans up and ends as CANCELLED. Returns what will happen. Without a
   * worker the request is kept and takes effect when one runs.
   */
  String abort(String reason);
}
