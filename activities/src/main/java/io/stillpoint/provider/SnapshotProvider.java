package io.stillpoint.provider;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.activity.SnapshotActivities.SweepRequest;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import java.time.Duration;
import java.util.List;

/**
 * One way to make snapshots. Every effect is find-or-create by a name derived from backup, attempt,
 * member and cursor: each method may run twice, or beside its own repetition. The errors are those
 * of {@link io.stillpoint.activity.SnapshotActivities}.
 */
public interface SnapshotProvider {

  /**
   * How the snapshots stand now.
   *
   * @param snapshots the ones asked for, in the same order, with {@code ready} and {@code bytes} as
   *     they are now
   */
  record Readiness(List<SnapshotRef> snapshots, Progress progress) {
    public Readiness {
      snapshots = List.copyOf(snapshots);
    }

    public boolean allReady() {
      return snapshots.stream().allMatch(SnapshotRef::ready);
    }
  }

  SnapshotType type();

  /** Finds the volumes and checks that they can be cut. Changes nothing that outlives the call. */
  VolumePlan resolve(VolumeRequest request);

  /** Returns when the content of every volume of the member is fixed. */
  List<SnapshotRef> cut(CutRequest request, ProgressListener progress);

  /**
   * Does to snapshots that were cut what needs the database no more, before they can be ready.
   * Errors: SNAPSHOT_FAILED.
   */
  default void seal(List<SnapshotRef> snapshots, ProgressListener progress) {}

  /** Looks once, without waiting. Errors: SNAPSHOT_FAILED. */
  Readiness poll(List<SnapshotRef> snapshots);

  /**
   * Begins the copies of finished snapshots that are missing elsewhere, and looks once at the
   * others. In the answer a snapshot has its copy once that can be restored from.
   *
   * <p>Errors: SNAPSHOT_FAILED, CONFIGURATION_INVALID if this provider copies to nowhere.
   */
  default Readiness copyElsewhere(List<SnapshotRef> snapshots, ProgressListener progress) {
    throw new StillpointException(
        ErrorCode.CONFIGURATION_INVALID,
        "snapshots of type %s are copied to no other place by this worker".formatted(type().word()),
        "configure the copy alike on all control workers");
  }

  /** How long to wait between two polls. */
  default Duration pollInterval() {
    return Duration.ofSeconds(5);
  }

  /** Deletes everything that the attempt cut for this member, recorded or not. */
  void delete(DeleteRequest request);

  /**
   * Deletes these snapshots of a backup; one that is gone is fine, one of another backup is not.
   */
  void discard(String cluster, String backup, List<SnapshotRef> snapshots);

  /** Everything that this provider can see of a backup, whether recorded or not. */
  List<SnapshotRef> list(String cluster, String backup);

  /** Names of the backups of which something of the member is here, where the type can tell. */
  default List<String> backups(String cluster, String member) {
    return List.of();
  }

  /** Deletes what {@link #list} finds and the request does not keep; returns the ids. */
  default List<String> sweep(SweepRequest request) {
    List<SnapshotRef> strays =
        list(request.cluster(), request.backup()).stream()
            .filter(s -> request.member().isEmpty() || s.member().equals(request.member()))
            .filter(s -> !request.keep().contains(s.id()))
            .toList();
    if (!request.dryRun()) {
      discard(request.cluster(), request.backup(), strays);
    }
    return strays.stream().map(SnapshotRef::id).toList();
  }
}
