package io.stillpoint.catalog;

import io.stillpoint.model.Manifest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** {@code stillpoint describe-backup}: reads one manifest after checking it. */
@WorkflowInterface
public interface DescribeBackupWorkflow {

  @WorkflowMethod(name = "DescribeBackupWorkflow")
  Manifest describe(String backup);
}
