package io.stillpoint.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import java.time.Instant;
import java.util.Optional;

/**
 * A manifest as it is stored, whatever stores it.
 *
 * @param where it is stored, for messages
 */
record ManifestText(String backup, String where, byte[] bytes) {

  /** Errors: MANIFEST_VERSION, MANIFEST_DAMAGED. */
  Manifest read() {
    try {
      JsonNode version = ChecksummedJson.parse(bytes).path("formatVersion");
      if (version.isInt()
          && (version.intValue() > Manifest.FORMAT_VERSION
              || version.intValue() < Manifest.OLDEST_VERSION)) {
        throw new StillpointException(
            ErrorCode.MANIFEST_VERSION,
            "manifest %s has format version %d, this program reads %d to %d"
                .formatted(
                    where, version.intValue(), Manifest.OLDEST_VERSION, Manifest.FORMAT_VERSION),
            "use the version of stillpoint that wrote it");
      }
      return ChecksummedJson.read(bytes, Manifest.class);
    } catch (DamagedException e) {
      throw CatalogErrors.damaged(where, e.getMessage());
    }
  }

  /**
   * A line for the list, also of a manifest that cannot be used; then the failure says why.
   *
   * @param changedAt taken for the time of one that does not tell its own
   */
  ListedBackup listed(Instant changedAt) {
    try {
      return new ListedBackup(BackupSummary.of(read()), true);
    } catch (StillpointException e) {
      return switch (e.code()) {
        case MANIFEST_DAMAGED, MANIFEST_VERSION -> new ListedBackup(unusable(e, changedAt), false);
        default -> throw e;
      };
    }
  }

  /** Takes what can still be read, unproven as it is: it only helps a person to find the backup. */
  private BackupSummary unusable(StillpointException reason, Instant changedAt) {
    Optional<JsonNode> content = Optional.empty();
    Instant startedAt = changedAt;
    SnapshotType type = SnapshotType.MANUAL;
    try {
      JsonNode tree = ChecksummedJson.parse(bytes);
      content = Optional.of(tree);
      type = SnapshotType.parse(tree.path("type").asText());
      startedAt = Instant.parse(tree.path("startedAt").asText());
    } catch (DamagedException | RuntimeException e) {
      reason.addSuppressed(e);
    }
    return new BackupSummary(
        backup,
        content.map(c -> c.path("cluster").asText()).orElse(""),
        type,
        OperationStatus.FAILED,
        startedAt,
        Optional.empty(),
        Optional.empty(),
        0,
        0,
        reason.code() + ": " + reason.getMessage());
  }
}
