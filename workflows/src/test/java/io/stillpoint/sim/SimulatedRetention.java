package io.stillpoint.sim;

import io.stillpoint.activity.RetentionActivities;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.retention.PruneRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import java.util.function.Supplier;

/** Starts retention on the in-memory server. */
final class SimulatedRetention implements RetentionActivities {

  private final Faults.Gate gate;
  private final Supplier<WorkflowClient> client;

  SimulatedRetention(Faults.Gate gate, Supplier<WorkflowClient> client) {
    this.gate = gate;
    this.client = client;
  }

  @Override
  public boolean begin(PruneRequest request) {
    return gate.pass("beginRetention", request.cluster(), () -> started(request));
  }

  private boolean started(PruneRequest request) {
    try {
      client
          .get()
          .newUntypedWorkflowStub(
              "PruneWorkflow",
              WorkflowOptions.newBuilder()
                  .setWorkflowId(WorkflowIds.prune(request.cluster()))
                  .setTaskQueue(TaskQueues.CONTROL)
                  .build())
          .start(request);
      return true;
    } catch (WorkflowExecutionAlreadyStarted e) {
      return false;
    }
  }
}
