package io.stillpoint.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Reads and writes the {@code manifest.json} of a backup's directory. */
final class ManifestStore {

  static final String NAME = "manifest.json";

  private ManifestStore() {}

  /** Creates the manifest; false if there is one already. */
  static boolean create(Path directory, Manifest manifest) {
    Path file = directory.resolve(NAME);
    try {
      Files.createDirectories(directory);
      DurableFiles.syncDirectory(directory.getParent());
      return DurableFiles.create(file, ChecksummedJson.write(manifest));
    } catch (IOException e) {
      throw CatalogErrors.unwritable(file, e);
    }
  }

  static void replace(Path directory, Manifest manifest) {
    Path file = directory.resolve(NAME);
    try {
      DurableFiles.replace(file, ChecksummedJson.write(manifest));
    } catch (IOException e) {
      throw CatalogErrors.unwritable(file, e);
    }
  }

  /** Empty if the directory has no manifest. */
  static Optional<Manifest> read(Path directory) {
    Path file = directory.resolve(NAME);
    try {
      byte[] bytes = Files.readAllBytes(file);
      JsonNode version = ChecksummedJson.parse(bytes).path("formatVersion");
      if (version.isInt() && version.intValue() != Manifest.FORMAT_VERSION) {
        throw new StillpointException(
            ErrorCode.MANIFEST_VERSION,
            "manifest %s has format version %d, this program reads %d"
                .formatted(file, version.intValue(), Manifest.FORMAT_VERSION),
            "use the version of stillpoint that wrote it");
      }
      return Optional.of(ChecksummedJson.read(bytes, Manifest.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (DamagedException e) {
      throw CatalogErrors.damaged(file, e.getMessage());
    } catch (IOException e) {
      throw CatalogErrors.unwritable(file, e);
    }
  }

  /** A line for the list, also of a manifest that cannot be used; then the failure says why. */
  static Optional<ListedBackup> listed(Path directory) {
    try {
      return read(directory).map(m -> new ListedBackup(BackupSummary.of(m), true));
    } catch (StillpointException e) {
      return switch (e.code()) {
        case MANIFEST_DAMAGED, MANIFEST_VERSION ->
            Optional.of(new ListedBackup(unusable(directory, e), false));
        default -> throw e;
      };
    }
  }

  /** Takes what can still be read, unproven as it is: it only helps a person to find the backup. */
  private static BackupSummary unusable(Path directory, StillpointException reason) {
    Optional<JsonNode> content = Optional.empty();
    Instant startedAt = Instant.EPOCH;
    SnapshotType type = SnapshotType.MANUAL;
    try {
      Path file = directory.resolve(NAME);
      startedAt = Files.getLastModifiedTime(file).toInstant();
      JsonNode tree = ChecksummedJson.parse(Files.readAllBytes(file));
      content = Optional.of(tree);
      type = SnapshotType.parse(tree.path("type").asText());
      startedAt = Instant.parse(tree.path("startedAt").asText());
    } catch (IOException | DamagedException | RuntimeException e) {
      reason.addSuppressed(e);
    }
    return new BackupSummary(
        directory.getFileName().toString(),
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
