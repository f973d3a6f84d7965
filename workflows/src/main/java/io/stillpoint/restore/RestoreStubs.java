package io.stillpoint.restore;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.activity.ClusterActivities;
import io.stillpoint.activity.ClusterActivities.EndPoint;
import io.stillpoint.activity.InventoryActivities;
import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.activity.TopologyActivities;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.ShortHistory;
import io.stillpoint.policy.ShortRead;
import io.stillpoint.policy.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/** Activity stubs of a restore, each with the summary that the UI shows. */
final class RestoreStubs {

  /** A copy beside the live data holds nothing; only a broken agent takes longer than this. */
  private static final Duration STAGE_DEADLINE = Duration.ofHours(24);

  private RestoreStubs() {}

  static CatalogActivities catalog(String summary) {
    return Workflow.newActivityStub(CatalogActivities.class, ActivityPolicies.catalog(summary));
  }

  static ClusterTopology topology(String summary, String cluster, ShortHistory history) {
    return ShortRead.run(history, TopologyActivities.class, summary, a -> a.read(cluster));
  }

  static void compareEndPoint(EndPoint point, ShortHistory history) {
    ShortRead.run(
        history,
        ClusterActivities.class,
        "compare the end point of " + point.member(),
        a -> {
          a.compareEndPoint(point);
          return null;
        });
  }

  static ClusterActivities cluster(String summary) {
    return Workflow.newActivityStub(ClusterActivities.class, ActivityPolicies.quick(summary));
  }

  static ClusterActivities clusterWait(String summary) {
    return Workflow.newActivityStub(ClusterActivities.class, ActivityPolicies.longWait(summary));
  }

  static RecoveryActivities recovery(String summary) {
    return Workflow.newLocalActivityStub(
        RecoveryActivities.class, ActivityPolicies.record(summary));
  }

  static InventoryActivities inventory(String summary) {
    return Workflow.newActivityStub(InventoryActivities.class, ActivityPolicies.quick(summary));
  }

  static NodeActivities inspecting(String member) {
    return node(ActivityPolicies.inspect("inspect " + member, member));
  }

  static NodeActivities staging(String member) {
    return node(
        ActivityPolicies.copy(
            "put the new data beside the live data of " + member,
            TaskQueues.node(member),
            STAGE_DEADLINE));
  }

  static NodeActivities host(String what, String member) {
    return node(ActivityPolicies.host(what + " " + member, member));
  }

  static NodeActivities undoing(String what, String member) {
    return node(ActivityPolicies.undo(what + " " + member, TaskQueues.node(member)));
  }

  static NodeActivities dropping(String member) {
    return node(
        ActivityPolicies.delete("drop the staged data of " + member, TaskQueues.node(member)));
  }

  private static NodeActivities node(ActivityOptions options) {
    return Workflow.newActivityStub(NodeActivities.class, options);
  }
}
