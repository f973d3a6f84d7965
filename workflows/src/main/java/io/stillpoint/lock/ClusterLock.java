package io.stillpoint.lock;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.policy.WorkflowIds;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;

/**
 * One operation per cluster at a time, enforced by the server: the lock is a child workflow whose
 * id is the cluster's name, and it ends with its parent however that ends.
 */
public final class ClusterLock {

  private final ClusterLockWorkflow child;
  private final Promise<Void> held;

  private ClusterLock(ClusterLockWorkflow child, Promise<Void> held) {
    this.child = child;
    this.held = held;
  }

  /**
   * Takes the lock for the workflow that calls.
   *
   * @throws io.temporal.failure.ApplicationFailure CLUSTER_BUSY if another operation holds it
   */
  public static ClusterLock acquire(String cluster) {
    ClusterLockWorkflow child =
        Workflow.newChildWorkflowStub(
            ClusterLockWorkflow.class,
            ChildWorkflowOptions.newBuilder()
                .setWorkflowId(WorkflowIds.lock(cluster))
                .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE)
                .setCancellationType(ChildWorkflowCancellationType.ABANDON)
                .setStaticSummary("cluster " + cluster + " is held by an operation")
                .build());
    ClusterLock[] lock = new ClusterLock[1];
    // Detached: a cancelled operation keeps the cluster until it has cleaned up.
    CancellationScope scope =
        Workflow.newDetachedCancellationScope(
            () -> {
              Promise<Void> held = Async.procedure(child::hold, Workflow.getInfo().getWorkflowId());
              awaitStart(cluster, child);
              lock[0] = new ClusterLock(child, held);
            });
    scope.run();
    return lock[0];
  }

  private static void awaitStart(String cluster, ClusterLockWorkflow child) {
    try {
      Workflow.getWorkflowExecution(child).get();
    } catch (ChildWorkflowFailure e) {
      throw Failures.of(
          ErrorCode.CLUSTER_BUSY,
          "cluster '%s' is busy with another operation".formatted(cluster),
          "see it with: stillpoint status --cluster " + cluster);
    }
  }

  /** Frees the cluster; returns once it is free. */
  public void release() {
    Workflow.newDetachedCancellationScope(
            () -> {
              try {
                child.release();
                held.get();
              } catch (CanceledFailure e) {
                throw e;
              } catch (TemporalFailure e) {
                // Somebody ended the lock by hand; it is free, which is all that is wanted here.
                Workflow.getLogger(ClusterLock.class)
                    .warn("the cluster's lock had been ended by hand: {}", e.getMessage());
              }
            })
        .run();
  }
}
