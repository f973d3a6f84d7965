package io.stillpoint.catalog;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** {@code stillpoint delete-backup}: deletes a backup's snapshots, then its manifest. */
@WorkflowInterface
public interface DeleteBackupWorkflow {

  /**
   * @param backup the name, as a text
   */
  @WorkflowMethod(name = "DeleteBackupWorkflow")
  String delete(Object backup);
}
