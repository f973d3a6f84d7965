package io.stillpoint.activity;

import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Snapshots of one member's volumes. Runs on the member's node agent for {@code directory} and
 * {@code command}, on a control worker for {@code ebs} and {@code gce}. All effects are
 * find-or-create by names derived from backup, attempt, member and cursor.
 */
@ActivityInterface(namePrefix = "Snapshot")
public interface SnapshotActivities {

  /**
   * Which member's volumes are meant, before a cursor exists.
   *
   * @param found what the member's node agent sees under its data path, if it was asked
   */
  record VolumeRequest(
      SnapshotType type,
      String cluster,
      String backup,
      String set,
      String member,
      String dbPath,
      Optional<HostDisks> found) {
    public VolumeRequest {
      found = found == null ? Optional.empty() : found;
    }

    public VolumeRequest(
        SnapshotType type,
        String cluster,
        String backup,
        String set,
        String member,
        String dbPath) {
      this(type, cluster, backup, set, member, dbPath, Optional.empty());
    }

    public VolumeRequest with(HostDisks disks) {
      return new VolumeRequest(type, cluster, backup, set, member, dbPath, Optional.of(disks));
    }
  }

  /**
   * The disks that carry a member's data, as its host sees them.
   *
   * @param instance the machine's own name for itself in its cloud
   */
  record HostDisks(String instance, String zone, List<HostDisk> disks) {
    public HostDisks {
      disks = List.copyOf(disks);
    }
  }

  /**
   * @param role data, journal, or the directory of the data path that is mounted by itself; several
   *     disks of one role carry one file system together
   * @param name the kernel's, such as nvme1n1
   * @param model and {@code serial}: as the disk itself tells them, else empty
   * @param links names under /dev/disk/by-id
   */
  record HostDisk(
      String role,
      String mountPoint,
      String fileSystem,
      String name,
      String model,
      String serial,
      List<String> links) {
    public HostDisk {
      links = List.copyOf(links);
    }
  }

  /** One volume of a member, where it was found or configured to be. */
  record Placement(String role, String instance, String volume, String zone) {}

  /**
   * What was found and would be cut.
   *
   * @param volumes one line each: id, role, size, where it is mounted
   * @param warnings what a person should know before
   * @param placements what a cut shall take; empty if the provider knows it without
   * @param askHost nothing was decided yet: ask again with what the member's agent sees
   * @param copyTo the place that finished snapshots are copied to; empty if they are not
   */
  record VolumePlan(
      List<String> volumes,
      long freeBytes,
      List<String> warnings,
      List<Placement> placements,
      boolean askHost,
      String copyTo) {
    public VolumePlan {
      copyTo = copyTo == null ? "" : copyTo;
      volumes = List.copyOf(volumes);
      warnings = List.copyOf(warnings);
      placements = placements == null ? List.of() : List.copyOf(placements);
    }

    public VolumePlan(List<String> volumes, long freeBytes, List<String> warnings) {
      this(volumes, freeBytes, warnings, List.of(), false, "");
    }

    public static VolumePlan ofHost() {
      return new VolumePlan(List.of(), 0, List.of(), List.of(), true, "");
    }
  }

  /**
   * @param attempt the workflow's attempt; part of every name, so that a snapshot cut under a lost
   *     cursor is never taken for a good one
   * @param tags the user's own tags
   * @param placements the plan's
   */
  record CutRequest(
      SnapshotType type,
      String cluster,
      String backup,
      int attempt,
      BackupCursor cursor,
      ClusterTime point,
      Map<String, String> tags,
      List<Placement> placements) {
    public CutRequest {
      tags = Map.copyOf(tags);
      placements = placements == null ? List.of() : List.copyOf(placements);
    }

    public CutRequest(
        SnapshotType type,
        String cluster,
        String backup,
        int attempt,
        BackupCursor cursor,
        ClusterTime point,
        Map<String, String> tags) {
      this(type, cluster, backup, attempt, cursor, point, tags, List.of());
    }
  }

  /** All snapshots of one attempt of a backup on one member, whether recorded or not. */
  record DeleteRequest(
      SnapshotType type, String cluster, String backup, int attempt, String set, String member) {}

  /**
   * Everything of a backup but what its manifest records.
   *
   * @param member whose snapshots are meant where an agent makes them; else empty, for all
   * @param keep ids that stay
   * @param dryRun find only
   */
  record SweepRequest(
      SnapshotType type,
      String cluster,
      String backup,
      String member,
      List<String> keep,
      boolean dryRun) {
    public SweepRequest {
      keep = List.copyOf(keep);
    }
  }

  /** What heartbeats of {@link #cut} and {@link #awaitReady} carry. */
  record Progress(
      long doneBytes, long totalBytes, long doneFiles, long totalFiles, boolean checking) {

    public Progress(long doneBytes, long totalBytes, long doneFiles, long totalFiles) {
      this(doneBytes, totalBytes, doneFiles, totalFiles, false);
    }

    /** The same of what is read once more, after it was copied. */
    public Progress whileChecking() {
      return new Progress(doneBytes, totalBytes, doneFiles, totalFiles, true);
    }
  }

  /**
   * Finds the volumes under the member's data directory and checks that they can be cut:
   * permissions, space, layout. Changes nothing.
   *
   * <p>Errors: TARGET_NOT_WRITABLE, DISK_FULL, PROVIDER_DENIED, VOLUME_UNSUITABLE.
   */
  @ActivityMethod
  VolumePlan resolve(VolumeRequest request);

  /**
   * Cuts every volume of the member; returns when the content of all of them is fixed. For a copy
   * that is when the last byte is durable. Heartbeats {@link Progress}; resumes where an earlier
   * attempt stopped.
   *
   * <p>Errors: DISK_FULL, TARGET_NOT_WRITABLE, SNAPSHOT_FAILED, PROVIDER_*.
   */
  @ActivityMethod
  List<SnapshotRef> cut(CutRequest request);

  /**
   * Waits until the snapshots can be restored from; heartbeats {@link Progress}. Nothing is held on
   * the database meanwhile.
   *
   * <p>Errors: SNAPSHOT_FAILED.
   */
  @ActivityMethod
  List<SnapshotRef> awaitReady(List<SnapshotRef> snapshots);

  /**
   * Copies finished snapshots to the place that the worker's configuration names, and waits until
   * the copies can be restored from; heartbeats {@link Progress}. Find-or-create by the snapshot's
   * id. Returns the snapshots with their copies.
   *
   * <p>Errors: SNAPSHOT_FAILED, CONFIGURATION_INVALID (no place), PROVIDER_*.
   */
  @ActivityMethod
  List<SnapshotRef> copyElsewhere(List<SnapshotRef> snapshots);

  /** Deletes everything that the attempt cut for this member. What is gone already is fine. */
  @ActivityMethod
  void delete(DeleteRequest request);

  /** Deletes the snapshots of a backup that retention or a person gave up. */
  @ActivityMethod
  void discard(String cluster, String backup, List<SnapshotRef> snapshots);

  /** Names of the backups of which a snapshot of the member is here, for types that can tell. */
  @ActivityMethod
  List<String> backups(SnapshotType type, String cluster, String member);

  /**
   * Deletes what this worker can see of the backup and nobody recorded; returns the ids of what was
   * found. What is gone already is fine.
   */
  @ActivityMethod
  List<String> sweep(SweepRequest request);
}
