package io.stillpoint.backup;

import io.stillpoint.activity.SnapshotActivities.HostDisks;
import io.stillpoint.activity.SnapshotActivities.Placement;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.plan.BackupPlan;
import io.stillpoint.plan.BackupPlan.SetPlan;
import io.stillpoint.policy.BriefStep;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the data of each set lies, and where its snapshots are to be copied. */
final class Volumes {

  private final BackupState state;
  private final BackupStubs stubs;
  private final Map<String, List<Placement>> placements = new LinkedHashMap<>();
  private final Map<String, String> copyTo = new LinkedHashMap<>();

  Volumes(BackupState state, BackupStubs stubs) {
    this.state = state;
    this.stubs = stubs;
  }

  /** By set. */
  Map<String, List<Placement>> placements() {
    return placements;
  }

  /** By set; only those that are to be copied. */
  Map<String, String> copyTo() {
    return copyTo;
  }

  /**
   * Asks for the volumes of every set; changes nothing.
   *
   * @return what the plan says of them
   */
  List<String> resolve(BackupPlan plan) {
    List<String> lines = new ArrayList<>();
    if (!state.type.automatic()) {
      return lines;
    }
    List<Promise<VolumePlan>> found = new ArrayList<>();
    for (SetPlan set : plan.sets()) {
      found.add(Async.function(() -> resolve(set, plan.sets().size())));
    }
    for (int i = 0; i < found.size(); i++) {
      SetPlan set = plan.sets().get(i);
      try {
        VolumePlan volumes = found.get(i).get();
        volumes.volumes().forEach(v -> lines.add(set.set() + ": " + v));
        volumes.warnings().forEach(w -> state.note(set.set() + ": " + w));
        placements.put(set.set(), volumes.placements());
        if (!volumes.copyTo().isEmpty()) {
          copyTo.put(set.set(), volumes.copyTo());
        }
      } catch (TemporalFailure e) {
        throw Agents.unreachable(e, set.member());
      }
    }
    return lines;
  }

  private VolumePlan resolve(SetPlan set, int sets) {
    VolumeRequest request =
        new VolumeRequest(
            state.type, state.cluster, state.backup, set.set(), set.member(), set.dbPath());
    VolumePlan volumes = resolve(set, sets, request);
    if (!volumes.askHost()) {
      return volumes;
    }
    HostDisks disks = stubs.lookingAtDisks(set).disks(set.member(), state.type);
    return resolve(set, sets, request.with(disks));
  }

  private VolumePlan resolve(SetPlan set, int sets, VolumeRequest request) {
    return BriefStep.run(
        state.type.inCloud() && stubs.briefSteps(sets),
        () -> stubs.resolvingBriefly(set).resolve(request),
        () -> stubs.resolving(set).resolve(request));
  }
}
