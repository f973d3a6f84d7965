package io.stillpoint.recover;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.activity.TopologyActivities;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;

/** Activity stubs of a recovery, each with the summary that the UI shows. */
final class RecoveryStubs {

  private RecoveryStubs() {}

  static RecoveryActivities recovery(String summary) {
    return Workflow.newActivityStub(RecoveryActivities.class, ActivityPolicies.quick(summary));
  }

  static TopologyActivities topology(String summary) {
    return Workflow.newActivityStub(TopologyActivities.class, ActivityPolicies.quick(summary));
  }

  static CatalogActivities catalog(String summary) {
    return Workflow.newActivityStub(CatalogActivities.class, ActivityPolicies.catalog(summary));
  }

  static NodeActivities looking(String member) {
    return node(ActivityPolicies.inspect("look for an unfinished restore on " + member, member));
  }

  static NodeActivities undoing(String what, String member) {
    return node(ActivityPolicies.undo(what + " " + member, TaskQueues.node(member)));
  }

  /** An agent that does not answer at once is left out: nothing waits for it. */
  static SnapshotActivities agent(String what, String member) {
    return snapshots(ActivityPolicies.inspect(what + " " + member, member));
  }

  static SnapshotActivities control(String summary) {
    return snapshots(ActivityPolicies.delete(summary, TaskQueues.CONTROL));
  }

  private static NodeActivities node(ActivityOptions options) {
    return Workflow.newActivityStub(NodeActivities.class, options);
  }

  private static SnapshotActivities snapshots(ActivityOptions options) {
    return Workflow.newActivityStub(SnapshotActivities.class, options);
  }
}
