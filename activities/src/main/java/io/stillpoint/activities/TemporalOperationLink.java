package io.stillpoint.activities;

import io.stillpoint.policy.WorkflowIds;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
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
    WorkflowTargetOptions.Builder run =
        WorkflowTargetOptions.newBuilder().setWorkflowId(workflowId);
    return isOpen(runId.isEmpty() ? run.build() : run.setRunId(runId).build());
  }

  @Override
  public boolean hasCompleted(String workflowId, String runId) {
    return is(
        WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED,
        WorkflowTargetOptions.newBuilder().setWorkflowId(workflowId).setRunId(runId).build());
  }

  private boolean isOpen(WorkflowTargetOptions run) {
    return is(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING, run);
  }

  private boolean is(WorkflowExecutionStatus status, WorkflowTargetOptions run) {
    try {
      return client.newUntypedWorkflowStub(run).describe().getStatus() == status;
    } catch (WorkflowNotFoundException e) {
      return false;
    }
  }

  private static boolean isOpen(WorkflowExecutionDescription description) {
    return description.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
  }

  @Override
  public String freeStaleLock(String cluster) {
    WorkflowStub lock = client.newUntypedWorkflowStub(WorkflowIds.lock(cluster));
    try {
      WorkflowExecutionDescription held = lock.describe();
      if (!isOpen(held)) {
        return "";
      }
      WorkflowExecution parent = held.getParentExecution();
      if (parent != null && isRunning(parent.getWorkflowId(), parent.getRunId())) {
        return parent.getWorkflowId();
      }
      client
          .newUntypedWorkflowStub(
              WorkflowTargetOptions.newBuilder()
                  .setWorkflowId(held.getExecution().getWorkflowId())
                  .setRunId(held.getExecution().getRunId())
                  .build())
          .terminate("the operation that held the cluster has ended");
      return "";
    } catch (WorkflowNotFoundException e) {
      return "";
    }
  }
}
