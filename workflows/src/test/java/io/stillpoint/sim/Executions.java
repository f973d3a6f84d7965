package io.stillpoint.sim;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowTargetOptions;
import java.util.Optional;
import java.util.function.Supplier;

/** What recovery asks Temporal. */
interface Executions {

  /**
   * @param parent workflow id of the parent, empty without one
   */
  record Found(boolean open, boolean completed, String parent) {}

  /**
   * @param run empty for the latest
   */
  Optional<Found> find(String workflowId, String run);

  void terminate(String workflowId);

  /** Those of a server. */
  static Executions of(Supplier<WorkflowClient> client) {
    return new Executions() {
      @Override
      public Optional<Found> find(String workflowId, String run) {
        WorkflowTargetOptions.Builder target =
            WorkflowTargetOptions.newBuilder().setWorkflowId(workflowId);
        if (!run.isEmpty()) {
          target.setRunId(run);
        }
        try {
          return Optional.of(found(client.get().newUntypedWorkflowStub(target.build()).describe()));
        } catch (WorkflowNotFoundException e) {
          return Optional.empty();
        }
      }

      @Override
      public void terminate(String workflowId) {
        client.get().newUntypedWorkflowStub(workflowId).terminate("stale");
      }
    };
  }

  private static Found found(WorkflowExecutionDescription d) {
    return new Found(
        d.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
        d.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED,
        d.getParentExecution() == null ? "" : d.getParentExecution().getWorkflowId());
  }
}
