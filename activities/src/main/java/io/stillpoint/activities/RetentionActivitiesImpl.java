package io.stillpoint.activities;

import io.stillpoint.activity.RetentionActivities;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.retention.PruneRequest;
import io.stillpoint.retention.PruneWorkflow;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;

/** Starts retention as a workflow that nobody waits for. */
public final class RetentionActivitiesImpl implements RetentionActivities {

  private final WorkflowClient client;

  public RetentionActivitiesImpl(WorkflowClient client) {
    this.client = client;
  }

  @Override
  public boolean begin(PruneRequest request) {
    PruneWorkflow prune =
        client.newWorkflowStub(
            PruneWorkflow.class,
            WorkflowOptions.newBuilder()
                .setWorkflowId(WorkflowIds.prune(request.cluster()))
                .setTaskQueue(TaskQueues.CONTROL)
                .setStaticSummary("retention of " + request.cluster())
                .build());
    try {
      WorkflowClient.start(prune::prune, request);
      return true;
    } catch (WorkflowExecutionAlreadyStarted e) {
      return false;
    }
  }
}
