package io.stillpoint.backup;

import io.stillpoint.error.Failures;
import io.stillpoint.policy.BriefStep;
import io.stillpoint.policy.Parallel;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.retention.PruneRequest;
import io.stillpoint.retention.PruneWorkflow;
import io.stillpoint.retention.RetentionPolicy;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Workflow;
import java.util.Optional;

/** Hands over to a workflow of its own: the backup is complete whatever becomes of that. */
final class AppliedRetention {

  private AppliedRetention() {}

  static void begin(RetentionPolicy policy, BackupState state, BackupStubs stubs) {
    if (policy.isEmpty()) {
      return;
    }
    PruneRequest request = new PruneRequest(state.cluster, Optional.of(policy), false);
    Parallel.detached(
        () -> {
          try {
            boolean begun =
                BriefStep.run(
                    stubs.seenWaiting(),
                    () -> stubs.retention().begin(request),
                    () -> asChild(request));
            if (!begun) {
              state.note("retention is being applied already; it looks again at its end");
            }
          } catch (TemporalFailure e) {
            state.note("retention was not applied: " + Failures.messageOf(e));
          }
        });
  }

  /** The server starts it, as soon as it can. */
  private static boolean asChild(PruneRequest request) {
    PruneWorkflow prune =
        Workflow.newChildWorkflowStub(
            PruneWorkflow.class,
            ChildWorkflowOptions.newBuilder()
                .setWorkflowId(WorkflowIds.prune(request.cluster()))
                .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                .setStaticSummary("retention of " + request.cluster())
                .build());
    Async.function(prune::prune, request);
    try {
      Workflow.getWorkflowExecution(prune).get();
      return true;
    } catch (ChildWorkflowFailure e) {
      return false;
    }
  }
}
