package io.stillpoint.backup;

import io.stillpoint.activity.BalancerActivities;
import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.activity.CursorActivities;
import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.activity.InventoryActivities;
import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.activity.RecoveryActivities.Survey;
import io.stillpoint.activity.RetentionActivities;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.activity.TopologyActivities;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.plan.BackupPlan.SetPlan;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.ShortHistory;
import io.stillpoint.policy.ShortRead;
import io.stillpoint.policy.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.List;

/** Activity stubs of a backup, each with the summary that the UI shows. */
final class BackupStubs {

  private static final int FEW_SETS = 2;

  private final SnapshotType type;
  private final Duration copyDeadline;
  private final ShortHistory history;

  /**
   * @param history how the operation began
   */
  BackupStubs(SnapshotType type, Duration copyDeadline, ShortHistory history) {
    this.type = type;
    this.copyDeadline = copyDeadline;
    this.history = history;
  }

  /** Whether steps that take moments are tried within the workflow's task first. */
  boolean briefSteps() {
    return history.includes(ShortHistory.BRIEF_STEPS);
  }

  /**
   * Whether a step of each set is, too. Many sets share the workflow's tasks anyway, and their
   * brief steps would hold each other up.
   */
  boolean briefSteps(int sets) {
    return briefSteps() && sets <= FEW_SETS;
  }

  /** Whether the cursors of so many sets are closed within the workflow's task, too. */
  boolean briefClose(int sets) {
    return history.includes(ShortHistory.BRIEF_CLOSE) && sets <= FEW_SETS;
  }

  RetentionActivities retention() {
    return Workflow.newLocalActivityStub(
        RetentionActivities.class, ActivityPolicies.brief("apply retention"));
  }

  private boolean records() {
    return history.includes(ShortHistory.RECORDS);
  }

  /** Whether short reads are tried within the workflow's task first, and seen if they wait. */
  boolean seenWaiting() {
    return history.includes(ShortHistory.BRIEF_CLOSE);
  }

  ClusterTopology topology(String summary, String cluster) {
    return ShortRead.run(history, TopologyActivities.class, summary, a -> a.read(cluster));
  }

  RecoveryActivities recovery(String summary) {
    return Workflow.newLocalActivityStub(
        RecoveryActivities.class, ActivityPolicies.record(summary));
  }

  /** Of builds before {@link ShortHistory#BRIEF_STEPS}, which began both reads at once. */
  TopologyActivities topologyBesideLeftovers(String summary) {
    return records()
        ? Workflow.newLocalActivityStub(TopologyActivities.class, ActivityPolicies.look(summary))
        : Workflow.newActivityStub(TopologyActivities.class, ActivityPolicies.quick(summary));
  }

  Survey survey(String summary, String cluster) {
    return ShortRead.run(history, RecoveryActivities.class, summary, a -> a.survey(cluster));
  }

  TopologyActivities quiet(String summary) {
    return Workflow.newActivityStub(TopologyActivities.class, ActivityPolicies.longWait(summary));
  }

  BalancerActivities balancer(String summary) {
    return Workflow.newActivityStub(BalancerActivities.class, ActivityPolicies.quick(summary));
  }

  BalancerActivities balancerRecord(String summary) {
    return Workflow.newLocalActivityStub(
        BalancerActivities.class, ActivityPolicies.record(summary));
  }

  BalancerActivities balancerStop(String summary) {
    return Workflow.newActivityStub(BalancerActivities.class, ActivityPolicies.longWait(summary));
  }

  BalancerActivities balancerCleanUp(String summary) {
    return Workflow.newActivityStub(BalancerActivities.class, ActivityPolicies.cleanUp(summary));
  }

  CursorActivities opening(SetPlan set) {
    return cursor(ActivityPolicies.open("open the cursor of " + name(set)));
  }

  Point fixPoint(String cluster, List<BackupCursor> cursors) {
    return ShortRead.run(
        history,
        CursorActivities.class,
        "fix the consistent point",
        a -> a.fixPoint(cluster, cursors));
  }

  CursorActivities extending(SetPlan set) {
    return cursor(ActivityPolicies.extend("extend the cursor of " + name(set)));
  }

  CursorActivities describing(SetPlan set) {
    return cursor(ActivityPolicies.catalog("record the oplog of " + name(set)));
  }

  CursorActivities describingBriefly(SetPlan set) {
    return Workflow.newLocalActivityStub(
        CursorActivities.class, ActivityPolicies.brief("record the oplog of " + name(set)));
  }

  CursorActivities keeping(SetPlan set, int cursors) {
    String summary = "keep the cursor of " + name(set) + " alive";
    return cursor(ActivityPolicies.keepAlive(summary, copyDeadline, cursors));
  }

  CursorActivities proving() {
    return cursor(ActivityPolicies.proof("prove that every cursor is still open"));
  }

  CursorActivities provingBriefly() {
    return Workflow.newLocalActivityStub(
        CursorActivities.class, ActivityPolicies.brief("prove that every cursor is still open"));
  }

  CursorActivities closing() {
    return cursor(ActivityPolicies.closeOrphans("close the cursors"));
  }

  CursorActivities finishingBriefly() {
    return Workflow.newLocalActivityStub(
        CursorActivities.class, ActivityPolicies.brief("prove and close the cursors"));
  }

  CursorActivities closingOrphans(SetPlan set) {
    return cursor(ActivityPolicies.closeOrphans("close the cursor of " + name(set)));
  }

  SnapshotActivities resolving(SetPlan set) {
    String summary = "find the volumes of " + name(set);
    return snapshot(
        type.cutByAgent()
            ? ActivityPolicies.inspect(summary, set.member())
            : ActivityPolicies.command(summary));
  }

  /** In clouds only: an agent is not at hand here. */
  SnapshotActivities resolvingBriefly(SetPlan set) {
    return Workflow.newLocalActivityStub(
        SnapshotActivities.class, ActivityPolicies.brief("find the volumes of " + name(set)));
  }

  NodeActivities lookingAtDisks(SetPlan set) {
    return Workflow.newActivityStub(
        NodeActivities.class,
        ActivityPolicies.inspect("look at the disks of " + name(set), set.member()));
  }

  SnapshotActivities cutting(SetPlan set) {
    return snapshot(ActivityPolicies.copy("copy " + name(set), queue(set), copyDeadline));
  }

  SnapshotActivities awaitingReady(SetPlan set) {
    return snapshot(
        ActivityPolicies.copy("wait for the snapshots of " + name(set), queue(set), copyDeadline));
  }

  SnapshotActivities copyingElsewhere(SetPlan set, String place) {
    return snapshot(
        ActivityPolicies.copy(
            "copy the snapshots of %s to %s".formatted(name(set), place),
            queue(set),
            copyDeadline));
  }

  SnapshotActivities deleting(SetPlan set) {
    return snapshot(ActivityPolicies.delete("delete the snapshots of " + name(set), queue(set)));
  }

  CatalogActivities completing() {
    String summary = "write the manifest";
    return records()
        ? Workflow.newLocalActivityStub(CatalogActivities.class, ActivityPolicies.record(summary))
        : Workflow.newActivityStub(CatalogActivities.class, ActivityPolicies.catalog(summary));
  }

  InventoryActivities inscribing() {
    return Workflow.newActivityStub(
        InventoryActivities.class,
        ActivityPolicies.inscribe("write the manifest onto the snapshots"));
  }

  InventoryActivities inscribingBriefly() {
    return Workflow.newLocalActivityStub(
        InventoryActivities.class, ActivityPolicies.brief("write the manifest onto the snapshots"));
  }

  CatalogActivities catalogRecord(String summary) {
    return Workflow.newLocalActivityStub(CatalogActivities.class, ActivityPolicies.record(summary));
  }

  CatalogActivities reserving(String summary) {
    return seenWaiting()
        ? Workflow.newActivityStub(CatalogActivities.class, ActivityPolicies.catalog(summary))
        : catalogRecord(summary);
  }

  CatalogActivities reservingBriefly(String summary) {
    return Workflow.newLocalActivityStub(
        CatalogActivities.class, ActivityPolicies.briefLook(summary));
  }

  CatalogActivities catalogCleanUp(String summary) {
    return Workflow.newActivityStub(CatalogActivities.class, ActivityPolicies.cleanUp(summary));
  }

  private String queue(SetPlan set) {
    return type.cutByAgent() ? TaskQueues.node(set.member()) : TaskQueues.CONTROL;
  }

  private static CursorActivities cursor(ActivityOptions options) {
    return Workflow.newActivityStub(CursorActivities.class, options);
  }

  private static SnapshotActivities snapshot(ActivityOptions options) {
    return Workflow.newActivityStub(SnapshotActivities.class, options);
  }

  private static String name(SetPlan set) {
    return set.set() + " on " + set.member();
  }
}
