package io.stillpoint.lock;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.policy.WorkflowIds;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/**
 * One operation per cluster at a time, enforced by the server: the lock is a child workflow whose
 * id is the cluster's name, and it ends with its parent however that ends.
 */
public final class ClusterLock {

  private static final Duration RELEASE = Duration.ofSeconds(15);

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

  /**
   * Frees the cluster; returns once it is free, or after a while: the server ends the lock with the
   * operation in any case.
   */
  public void release() {
    Workflow.newDetachedCancellationScope(
            () -> {
              Promise<Object> asked = Async.procedure(child::release).handle((ok, failure) -> null);
              Promise<Object> ended = held.handle((ok, failure) -> null);
              if (!Workflow.await(RELEASE, () -> asked.isCompleted() && ended.isCompleted())) {
                Workflow.getLogger(ClusterLock.class)
                    .warn("the cluster's lock did not end within {}", RELEASE);
              }
            })
        .run();
  }
}
