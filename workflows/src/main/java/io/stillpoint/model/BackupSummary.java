package io.stillpoint.model;

import java.time.Instant;
import java.util.Optional;

/** A line of {@code stillpoint list}: what the catalog knows of one backup, in short. */
public record BackupSummary(
    String backup,
    String cluster,
    SnapshotType type,
    OperationStatus status,
    Instant startedAt,
    Optional<Instant> completedAt,
    Optional<ClusterTime> consistentPoint,
    int sets,
    long bytes,
    String failure) {

  public static BackupSummary of(Manifest manifest) {
    return new BackupSummary(
        manifest.backup(),
        manifest.cluster(),
        manifest.type(),
        manifest.status(),
        manifest.startedAt(),
        manifest.completedAt(),
        manifest.consistentPoint(),
        manifest.sets().size(),
        manifest.sets().stream().mapToLong(s -> s.files().bytes()).sum(),
        manifest.failure());
  }

  /** The same with another consistent point. */
  public BackupSummary at(Optional<ClusterTime> point) {
    return new BackupSummary(
        backup, cluster, type, status, startedAt, completedAt, point, sets, bytes, failure);
  }
}
