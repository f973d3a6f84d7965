package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SeenCatalog;
import java.util.List;
import java.util.Optional;

/**
 * The store of all manifests, shared by every control worker and node agent. All changes are atomic
 * and may be repeated. Only the owner that began a backup may complete or end it; anybody else is
 * refused with BACKUP_EXISTS.
 *
 * <p>Errors of every method: CATALOG_UNWRITABLE or DISK_FULL on writing, CATALOG_UNREADABLE,
 * MANIFEST_DAMAGED or MANIFEST_VERSION on reading, BAD_INPUT for a name that is none.
 */
public interface BackupCatalog {

  /**
   * Tries whether it can be written, and makes its identity if it has none. Errors:
   * CATALOG_UNWRITABLE, DISK_FULL.
   */
  SeenCatalog requireWritable();

  /** Its identity as it is; changes nothing. Errors: CATALOG_UNREADABLE. */
  SeenCatalog seen();

  /** Reserves the name with a RUNNING manifest. Errors: BACKUP_EXISTS. */
  void begin(BeginRequest request);

  /**
   * Writes the COMPLETED manifest from the parts of the attempt that succeeded and removes what
   * other attempts left.
   *
   * <p>Errors: SNAPSHOT_INCOMPLETE if a set of the attempt lacks its part, or an automatic type
   * lacks a ready snapshot of it.
   */
  BackupSummary complete(CompleteRequest request);

  /**
   * Takes a COMPLETED manifest that was made anew from a backup's snapshots.
   *
   * @return false if the catalog has one of this name, which stays as it is
   */
  boolean adopt(Manifest manifest);

  /** Ends a RUNNING manifest as FAILED or CANCELLED; file lists and parts are removed. */
  void end(String backup, String owner, OperationStatus status, String failure);

  /** Reads and checks. Errors: BACKUP_UNKNOWN. */
  Manifest read(String backup);

  /** As {@link #read}; empty if there is no backup of this name. */
  default Optional<Manifest> find(String backup) {
    try {
      return Optional.of(read(backup));
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.BACKUP_UNKNOWN) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Newest first; empty means all clusters. A damaged manifest is listed with its failure. */
  List<BackupSummary> list(Optional<String> cluster, int limit);

  /** What retention needs to know of a cluster's backups, newest first. */
  List<CatalogEntry> entries(String cluster);

  /** Notes that an operation is going to use the snapshots. Errors: BACKUP_UNKNOWN. */
  void use(String backup, String operation);

  /** Every operation that was noted to use the backup, whether or not it has ended. */
  List<String> users(String backup);

  /**
   * Makes the manifest say DELETING; it keeps naming the snapshots. Idempotent.
   *
   * <p>Errors: BACKUP_UNKNOWN, BACKUP_NOT_COMPLETE while it is RUNNING.
   */
  Manifest beginDelete(String backup);

  /** Removes everything that the catalog holds of a backup. What is gone already is fine. */
  void delete(String backup);

  /** Records one set's part of the manifest for an attempt; the last one written counts. */
  void savePart(String backup, int attempt, ManifestSet part);

  /** The parts of an attempt so far, by the set's name. */
  List<ManifestSet> parts(String backup, int attempt);

  /** The newest part that is known of a set: the manifest's, or that of the highest attempt. */
  Optional<ManifestSet> latestPart(String backup, String set);

  /**
   * Records that an attempt's copies are good; the last one written counts. It need not outlive a
   * loss of power. Refused once the backup has ended.
   */
  void saveProof(CopyProof proof);

  /** What {@link #saveProof} recorded of a backup that runs. */
  Optional<CopyProof> proof(String backup, int attempt);

  /** Records an operation; called again for the same one it returns what was recorded first. */
  OperationRecord saveOperation(OperationRecord operation);

  Optional<OperationRecord> readOperation(String cluster, String operation);

  /** Operations of a cluster that were recorded and never forgotten, oldest first. */
  List<OperationRecord> operations(String cluster);

  /** Those of all clusters, oldest first. */
  List<OperationRecord> operations();

  /** Idempotent. */
  void forgetOperation(String cluster, String operation);
}
