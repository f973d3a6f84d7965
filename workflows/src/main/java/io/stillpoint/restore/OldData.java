package io.stillpoint.restore;

import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.restore.ReleaseOldDataWorkflow.ReleaseRequest;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.List;

/** Hands the replaced data over to a workflow of its own, so that the cluster is free meanwhile. */
final class OldData {

  private OldData() {}

  static void releaseLater(String restore, List<String> members, Duration keepFor) {
    ReleaseOldDataWorkflow child =
        Workflow.newChildWorkflowStub(
            ReleaseOldDataWorkflow.class,
            ChildWorkflowOptions.newBuilder()
                .setWorkflowId(WorkflowIds.release(restore))
                .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                .setStaticSummary(
                    "keep the data that %s replaced for %s".formatted(restore, keepFor))
                .build());
    Async.procedure(child::release, new ReleaseRequest(restore, members, keepFor));
    Workflow.getWorkflowExecution(child).get();
  }
}
