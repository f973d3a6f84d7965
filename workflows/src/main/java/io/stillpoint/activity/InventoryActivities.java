package io.stillpoint.activity;

import io.stillpoint.model.SnapshotType;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.time.Instant;
import java.util.List;

/**
 * What the clouds hold of a cluster, held against the catalog: every snapshot says by its own tags
 * or labels what it is. Runs on a control worker.
 */
@ActivityInterface(namePrefix = "Inventory")
public interface InventoryActivities {

  /** What became of one backup that the clouds hold snapshots of. */
  enum Outcome {
    /** The catalog has a manifest of it, which is left alone. */
    KNOWN,
    /** A manifest was made of what the snapshots say, or would be in a dry run. */
    REBUILT,
    /** The snapshots are not all there, not all ready, or of a backup that never completed. */
    INCOMPLETE
  }

  record FoundBackup(String backup, SnapshotType type, Outcome outcome, String why) {}

  /**
   * @param more how many further backups did not fit into the answer; they were treated alike
   */
  record RebuildReport(List<FoundBackup> backups, int more) {
    public RebuildReport {
      backups = List.copyOf(backups);
    }
  }

  /**
   * A snapshot that belongs to no backup, or a volume that no restore needs any more.
   *
   * @param set of a volume: the member that it was made for
   * @param attempt and {@code volume}: of a snapshot
   * @param kind {@link #SNAPSHOT} or {@link #VOLUME}
   */
  record Orphan(
      SnapshotType type,
      String id,
      String backup,
      String set,
      int attempt,
      String volume,
      Instant startedAt,
      long bytes,
      String why,
      String kind) {
    public static final String SNAPSHOT = "snapshot";
    public static final String VOLUME = "volume";

    public Orphan {
      // Absent in answers of older workers.
      kind = kind == null ? SNAPSHOT : kind;
    }
  }

  /**
   * @param more how many further orphans did not fit into the answer
   * @param spared one sentence for each backup whose snapshots are not in the catalog but not
   *     orphans either, and for each volume of a restore that only a person can judge
   */
  record OrphanReport(List<Orphan> orphans, int more, List<String> spared) {
    public OrphanReport {
      orphans = List.copyOf(orphans);
      spared = List.copyOf(spared);
    }
  }

  /**
   * Writes what the manifest of a COMPLETED backup says onto its snapshots, so that the catalog can
   * be made anew from them. Idempotent.
   *
   * <p>Errors: BACKUP_UNKNOWN, PROVIDER_*, SNAPSHOT_FAILED (too much for the cloud's tags).
   */
  @ActivityMethod
  void inscribe(String backup);

  /**
   * Checks that every snapshot of a backup can be restored from now.
   *
   * <p>Errors: SNAPSHOT_UNREACHABLE (gone, or archived), SNAPSHOT_INCOMPLETE, SNAPSHOT_FOREIGN,
   * PROVIDER_*.
   */
  @ActivityMethod
  void requireRestorable(String backup);

  /**
   * Makes manifests for the complete backups that the catalog does not have. Never changes one that
   * is there.
   *
   * <p>Errors: CONFIGURATION_INVALID without a cloud, PROVIDER_*.
   */
  @ActivityMethod
  RebuildReport rebuild(String cluster, boolean dryRun);

  /**
   * @param held the caller holds the cluster, so that no backup runs: unfinished ones are orphans
   */
  @ActivityMethod
  OrphanReport orphans(String cluster, boolean held);

  /**
   * Deletes those of the ids that still are orphans; returns them. The caller holds the cluster.
   */
  @ActivityMethod
  List<String> removeOrphans(String cluster, List<String> ids);
}
