package io.stillpoint.restore;

import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.NodeActivities.MemberRequest;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Parallel;
import io.stillpoint.policy.TaskQueues;
import io.temporal.workflow.Workflow;

/** Sleeps, then releases on every member. */
public final class ReleaseOldDataWorkflowImpl implements ReleaseOldDataWorkflow {

  @Override
  public void release(ReleaseRequest request) {
    Workflow.sleep(request.keepFor());
    Parallel.forEach(
        request.members(),
        m ->
            Workflow.newActivityStub(
                    NodeActivities.class,
                    ActivityPolicies.undo("delete the old data of " + m, TaskQueues.node(m)))
                .release(new MemberRequest(request.restore(), m)));
  }
}
