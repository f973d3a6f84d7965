package io.stillpoint.activity;

import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The store of all manifests. */
@ActivityInterface(namePrefix = "Catalog")
public interface CatalogActivities {

  /**
   * @param owner workflow id and run id; only the owner may change the manifest afterwards
   */
  record BeginRequest(
      String backup, String cluster, SnapshotType type, String owner, Map<String, String> tags) {
    public BeginRequest {
      tags = Map.copyOf(tags);
    }
  }

  /** The snapshots of the attempt that succeeded; the sets' parts are in the catalog already. */
  record CompleteRequest(
      String backup,
      String owner,
      String clusterId,
      boolean sharded,
      int attempt,
      ClusterTime point,
      long cursorWindowMillis,
      BalancerSettings balancer,
      List<SnapshotRef> snapshots,
      List<String> warnings) {
    public CompleteRequest {
      snapshots = List.copyOf(snapshots);
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Reserves the backup's name with a RUNNING manifest, before anything else is done. Repeating it
   * as the same owner is fine.
   *
   * <p>Errors: BACKUP_EXISTS (somebody else's), CATALOG_UNWRITABLE.
   */
  @ActivityMethod
  void begin(BeginRequest request);

  /** Writes the COMPLETED manifest in one atomic step. Repeating it is fine. */
  @ActivityMethod
  BackupSummary complete(CompleteRequest request);

  /** Ends a RUNNING manifest as FAILED or CANCELLED with the reason; file lists are removed. */
  @ActivityMethod
  void end(String backup, String owner, OperationStatus status, String failure);

  /**
   * Reads one manifest after checking it, and optionally the file lists that it names. Returns it
   * {@linkplain Manifest#slim() slim}.
   *
   * <p>Errors: BACKUP_UNKNOWN, MANIFEST_DAMAGED, MANIFEST_VERSION, FILE_LIST_DAMAGED.
   */
  @ActivityMethod
  Manifest read(String backup, boolean checkFileLists);

  /**
   * As {@link #read}, for an operation that is going to use the snapshots: until it has ended,
   * {@link #beginDelete} refuses.
   *
   * @param operation workflow id and run id
   */
  @ActivityMethod
  Manifest readForUse(String backup, String operation, boolean checkFileLists);

  /**
   * Newest first; an empty cluster means all. A damaged manifest is listed with its failure.
   *
   * <p>Errors: CLUSTER_UNKNOWN for one that has no backup and is not configured.
   */
  @ActivityMethod
  List<BackupSummary> list(Optional<String> cluster, int limit);

  /** A page of one member's file list: relative paths. */
  @ActivityMethod
  List<String> files(String backup, String set, int offset, int limit);

  /**
   * A page of what retention needs to know of a cluster's backups, newest first.
   *
   * <p>Errors: CLUSTER_UNKNOWN for one that has no backup and is not configured.
   */
  @ActivityMethod
  List<CatalogEntry> entries(String cluster, int offset, int limit);

  /**
   * Makes the manifest say DELETING, and returns it {@linkplain Manifest#slim() slim} with its
   * snapshots. Repeating it is fine.
   *
   * <p>Errors: BACKUP_UNKNOWN, BACKUP_IN_USE, BACKUP_NOT_COMPLETE (it is RUNNING).
   */
  @ActivityMethod
  Manifest beginDelete(String backup);

  /** Removes the manifest and its file lists. What is gone already is fine. */
  @ActivityMethod
  void delete(String backup);
}
