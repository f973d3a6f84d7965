package io.stillpoint.catalog;

import io.stillpoint.model.Manifest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** {@code stillpoint describe-backup}: reads one manifest after checking it. */
@WorkflowInterface
public interface DescribeBackupWorkflow {

  /**
   * @param backup the name, as a text
   */
  @WorkflowMethod(name = "DescribeBackupWorkflow")
  Manifest describe(Object backup);
}
