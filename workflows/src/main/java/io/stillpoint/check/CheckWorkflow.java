package io.stillpoint.check;

import io.stillpoint.model.SnapshotType;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * {@code stillpoint check}: examines everything that a backup and a restore of a cluster need.
 * Changes nothing, and opens no cursor.
 */
@WorkflowInterface
public interface CheckWorkflow {

  /**
   * @param type how snapshots would be made; absent for directory
   */
  record CheckRequest(String cluster, SnapshotType type) {}

  /** Fails only with CLUSTER_UNKNOWN or BAD_INPUT; all else is in the report. */
  @WorkflowMethod(name = "CheckWorkflow")
  CheckReport check(Object request);
}
