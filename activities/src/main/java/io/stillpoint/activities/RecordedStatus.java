package io.stillpoint.activities;

import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.OperationStatus;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a backup stands by the catalog; empty if that knows none of this name. A catalog that cannot
 * be read, or a damaged manifest, is an error: nobody knows then what the snapshots are worth.
 */
public final class RecordedStatus implements Function<String, Optional<OperationStatus>> {

  private final BackupCatalog catalog;

  public RecordedStatus(BackupCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public Optional<OperationStatus> apply(String backup) {
    try {
      return Optional.of(catalog.read(backup).status());
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.BACKUP_UNKNOWN) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
