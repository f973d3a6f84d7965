package io.stillpoint.catalog;

import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.ClusterTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * One line of a catalog.
 *
 * @param usable false if the manifest is damaged or of an unknown version; the summary then holds
 *     what can still be read of it, and says why
 */
record ListedBackup(BackupSummary summary, boolean usable) {

  static final Comparator<ListedBackup> NEWEST_FIRST =
      Comparator.comparing((ListedBackup l) -> l.summary().startedAt())
          .reversed()
          .thenComparing(l -> l.summary().backup());

  /** A manifest too damaged to name its cluster is everybody's concern. */
  boolean concerns(Optional<String> cluster) {
    String own = summary.cluster();
    return cluster.isEmpty() || own.isEmpty() || own.equals(cluster.get());
  }

  CatalogEntry entry() {
    Instant at =
        summary
            .consistentPoint()
            .map(ClusterTime::seconds)
            .map(Instant::ofEpochSecond)
            .orElse(summary.startedAt());
    return new CatalogEntry(summary.backup(), state(), at.getEpochSecond(), summary.bytes(), false);
  }

  private CatalogEntry.State state() {
    if (!usable) {
      return CatalogEntry.State.UNUSABLE;
    }
    return switch (summary.status()) {
      case RUNNING -> CatalogEntry.State.RUNNING;
      case COMPLETED -> CatalogEntry.State.GOOD;
      case FAILED, CANCELLED -> CatalogEntry.State.FAILED;
      case DELETING -> CatalogEntry.State.DELETING;
    };
  }
}
