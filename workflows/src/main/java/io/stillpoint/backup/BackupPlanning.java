package io.stillpoint.backup;

import io.stillpoint.activity.RecoveryActivities.Leftovers;
import io.stillpoint.activity.RecoveryActivities.Survey;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.plan.BackupPlan;
import io.stillpoint.plan.BackupPlanner;
import io.stillpoint.recover.Mending;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is to be backed up, and where it lies. Changes nothing but what a dead operation left. */
final class BackupPlanning {

  private final BackupState state;
  private final BackupStubs stubs;
  private final Map<String, String> members;
  private final List<String> lines = new ArrayList<>();
  private ClusterTopology topology;
  private BackupPlan plan;
  private Volumes volumes;

  /**
   * @param members that somebody chose, by set
   */
  BackupPlanning(BackupState state, BackupStubs stubs, Map<String, String> members) {
    this.state = state;
    this.stubs = stubs;
    this.members = members;
  }

  /** What an operation left that died is mended before this one adds to it, save by a dry run. */
  void begin(boolean dryRun) {
    Survey found = survey();
    Leftovers left = found.left();
    Mending.requireNoDeadRestore(state.cluster, left);
    topology = found.topology().orElseThrow();
    if (!left.isEmpty() && !dryRun) {
      Mending.beforeOperation(state.cluster, left, topology).forEach(state::note);
    }
    make();
  }

  /** A member that lost its cursor may be down for good; then another one is backed up. */
  void again() {
    state.enter(BackupPhase.PLANNING);
    topology = stubs.topology("read the topology again", state.cluster);
    make();
  }

  ClusterTopology topology() {
    return topology;
  }

  BackupPlan plan() {
    return plan;
  }

  Volumes volumes() {
    return volumes;
  }

  /** The plan, for people. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  private Survey survey() {
    if (stubs.briefSteps()) {
      return stubs.survey("read the topology and what was recorded", state.cluster);
    }
    Promise<ClusterTopology> reading =
        Async.function(stubs.topologyBesideLeftovers("read the topology")::read, state.cluster);
    Leftovers left = stubs.recovery("read what was recorded").look(state.cluster);
    Mending.requireNoDeadRestore(state.cluster, left);
    return new Survey(left, Optional.of(reading.get()));
  }

  private void make() {
    lines.clear();
    try {
      plan = BackupPlanner.plan(topology, members);
      plan.sets().forEach(s -> lines.add(s.line()));
      plan.warnings().forEach(state::noteOnce);
    } catch (StillpointException e) {
      throw Failures.of(e);
    }
    volumes = new Volumes(state, stubs);
    lines.addAll(volumes.resolve(plan));
  }
}
