package io.stillpoint.activities;

/** What an activity may ask and tell the workflow that started it. */
public interface OperationLink {

  /** Tells a backup that another worker now holds a cursor. */
  void cursorAdopted(String workflowId, String set, String holder);

  /** Whether that run of the workflow is still open. */
  boolean isRunning(String workflowId, String runId);
}
