package io.stillpoint.lock;

import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.WorkflowIds;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * One operation per cluster at a time, enforced by the server: the lock is a child workflow whose
 * id is the cluster's name, and it ends with its parent however that ends. Deleting backups has a
 * lock of its own: it touches no server of the cluster, and may take long.
 */
public final class ClusterLock {

  private static final Duration RELEASE = Duration.ofSeconds(15);
  private static final String DELETIONS_APART = "deletions-apart";

  private final ClusterLockWorkflow child;
  private final Promise<Void> held;
  private final boolean stale;

  private ClusterLock(ClusterLockWorkflow child, Promise<Void> held, boolean stale) {
    this.child = child;
    this.held = held;
    this.stale = stale;
  }

  /** An operation that had ended still held it, and it was taken from that. */
  public boolean wasStale() {
    return stale;
  }

  /**
   * Takes the lock for the workflow that calls.
   *
   * @throws io.temporal.failure.ApplicationFailure CLUSTER_BUSY if another operation holds it
   */
  public static ClusterLock acquire(String cluster) {
    return acquire(
        cluster,
        holder ->
            Failures.of(
                ErrorCode.CLUSTER_BUSY,
                "cluster '%s' is busy with %s".formatted(cluster, holder),
                "see it with: stillpoint status --cluster " + cluster + wayOut(cluster, holder)));
  }

  /**
   * Takes the right to delete backups of the cluster. Backups and restores go on meanwhile: the
   * catalog says which backups are used, and which are being deleted.
   *
   * @throws io.temporal.failure.ApplicationFailure CLUSTER_BUSY if backups are being deleted
   *     already
   */
  public static ClusterLock acquireDeletions(String cluster) {
    if (Workflow.getVersion(DELETIONS_APART, Workflow.DEFAULT_VERSION, 1)
        == Workflow.DEFAULT_VERSION) {
      return acquire(cluster);
    }
    return acquire(
        WorkflowIds.deletions(cluster),
        holder ->
            Failures.of(
                ErrorCode.CLUSTER_BUSY,
                "backups of cluster '%s' are being deleted by %s".formatted(cluster, holder),
                "wait for its end: stillpoint status --cluster " + cluster));
  }

  /** A backup or restore is given up with stillpoint cancel, which knows no recovery. */
  private static String wayOut(String cluster, String holder) {
    return holder.equals(WorkflowIds.recover(cluster))
        ? "; to give that up: temporal workflow cancel --workflow-id " + holder
        : "";
  }

  private static ClusterLock acquire(String cluster, Function<String, ApplicationFailure> refusal) {
    ClusterLock[] lock = new ClusterLock[1];
    // Detached: a cancelled operation keeps the cluster until it has cleaned up.
    CancellationScope scope =
        Workflow.newDetachedCancellationScope(
            () -> {
              Optional<ClusterLock> free = tryAcquire(cluster, false);
              lock[0] = free.isPresent() ? free.get() : afterStale(cluster, refusal);
            });
    scope.run();
    return lock[0];
  }

  private static Optional<ClusterLock> tryAcquire(String cluster, boolean stale) {
    ClusterLockWorkflow child =
        Workflow.newChildWorkflowStub(
            ClusterLockWorkflow.class,
            ChildWorkflowOptions.newBuilder()
                .setWorkflowId(WorkflowIds.lock(cluster))
                .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL)
                .setCancellationType(ChildWorkflowCancellationType.ABANDON)
                .setStaticSummary("cluster " + cluster + " is held by an operation")
                .build());
    Promise<Void> held = Async.procedure(child::hold, Workflow.getInfo().getWorkflowId());
    try {
      Workflow.getWorkflowExecution(child).get();
      return Optional.of(new ClusterLock(child, held, stale));
    } catch (ChildWorkflowFailure e) {
      return Optional.empty();
    }
  }

  /** The server ends a lock with its operation, but moments later, and not if that was reset. */
  private static ClusterLock afterStale(
      String cluster, Function<String, ApplicationFailure> refusal) {
    String holder =
        Workflow.newActivityStub(
                RecoveryActivities.class, ActivityPolicies.quick("who holds " + cluster))
            .freeStaleLock(cluster);
    Optional<ClusterLock> lock = holder.isEmpty() ? tryAcquire(cluster, true) : Optional.empty();
    return lock.orElseThrow(() -> refusal.apply(holder.isEmpty() ? "another operation" : holder));
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
