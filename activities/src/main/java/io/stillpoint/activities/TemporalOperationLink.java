package io.stillpoint.activities;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowTargetOptions;

/** The link over Temporal itself. */
public final class TemporalOperationLink implements OperationLink {

  private final WorkflowClient client;

  public TemporalOperationLink(WorkflowClient client) {
    this.client = client;
  }

  @Override
  public void cursorAdopted(String workflowId, String set, String holder) {
    client.newUntypedWorkflowStub(workflowId).signal("cursorAdopted", set, holder);
  }

  @Override
  public boolean isRunning(String workflowId, String runId) {
    WorkflowTargetOptions run =
        WorkflowTargetOptions.newBuilder().setWorkflowId(workflowId).setRunId(runId).build();
    try {
      return client.newUntypedWorkflowStub(run).describe().getStatus()
          == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    } catch (WorkflowNotFoundException e) {
      return false;
    }
  }
}
