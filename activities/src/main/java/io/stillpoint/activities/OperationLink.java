package io.stillpoint.activities;

/** What an activity may ask and tell the workflow that started it. */
public interface OperationLink {

  /** Tells a backup that another worker now holds a cursor. */
  void cursorAdopted(String workflowId, String set, String holder);

  /** Whether that run of the workflow is still open; an empty run id means the newest. */
  boolean isRunning(String workflowId, String runId);

  /** Whether that run of the workflow is known to have completed. */
  boolean hasCompleted(String workflowId, String runId);

  /**
   * Ends the lock of a cluster if the operation that took it has ended.
   *
   * @return workflow id of the operation that holds it rightly, else empty
   */
  String freeStaleLock(String cluster);
}
