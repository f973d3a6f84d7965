package io.stillpoint.catalog;

import io.stillpoint.model.Manifest;
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
    return text(directory).map(ManifestText::read);
  }

  static Optional<ListedBackup> listed(Path directory) {
    return text(directory).map(text -> text.listed(changedAt(directory)));
  }

  private static Optional<ManifestText> text(Path directory) {
    Path file = directory.resolve(NAME);
    try {
      String backup = directory.getFileName().toString();
      return Optional.of(new ManifestText(backup, file.toString(), Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw CatalogErrors.unreadable(file, e);
    }
  }

  private static Instant changedAt(Path directory) {
    try {
      return Files.getLastModifiedTime(directory.resolve(NAME)).toInstant();
    } catch (IOException e) {
      // It was deleted just now; the time of what is gone does not matter.
      return Instant.EPOCH;
    }
  }
}
