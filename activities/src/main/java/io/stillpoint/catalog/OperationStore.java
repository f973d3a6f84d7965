package io.stillpoint.catalog;

import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.FileName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Running operations: {@code .operations/<cluster>/<operation>.json}. */
final class OperationStore {

  private static final String SUFFIX = ".json";
  private static final Comparator<OperationRecord> OLDEST_FIRST =
      Comparator.comparing(OperationRecord::startedAt);

  private final Path root;

  OperationStore(Path root) {
    this.root = root.resolve(".operations");
  }

  OperationRecord save(OperationRecord operation) {
    Path file = file(operation.cluster(), operation.operation());
    try {
      Files.createDirectories(file.getParent());
      if (DurableFiles.create(file, ChecksummedJson.write(operation))) {
        return operation;
      }
    } catch (IOException e) {
      throw CatalogErrors.unwritable(file, e);
    }
    return read(operation.cluster(), operation.operation())
        .orElseThrow(
            () -> CatalogErrors.unwritable(file, new NoSuchFileException(file.toString())));
  }

  Optional<OperationRecord> read(String cluster, String operation) {
    return read(file(cluster, operation));
  }

  List<OperationRecord> list(String cluster) {
    return records(root.resolve(FileName.of(cluster))).sorted(OLDEST_FIRST).toList();
  }

  /** Of all clusters. */
  List<OperationRecord> list() {
    return entries(root).stream()
        .filter(Files::isDirectory)
        .flatMap(OperationStore::records)
        .sorted(OLDEST_FIRST)
        .toList();
  }

  private static Stream<OperationRecord> records(Path directory) {
    return entries(directory).stream()
        .filter(f -> f.toString().endsWith(SUFFIX))
        .map(OperationStore::read)
        .flatMap(Optional::stream);
  }

  private static List<Path> entries(Path directory) {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException e) {
      throw CatalogErrors.unreadable(directory, e);
    }
  }

  void forget(String cluster, String operation) {
    Path file = file(cluster, operation);
    try {
      if (Files.deleteIfExists(file)) {
        DurableFiles.syncDirectory(file.getParent());
      }
    } catch (IOException e) {
      throw CatalogErrors.unwritable(file, e);
    }
  }

  private Path file(String cluster, String operation) {
    return root.resolve(FileName.of(cluster)).resolve(FileName.of(operation) + SUFFIX);
  }

  private static Optional<OperationRecord> read(Path file) {
    try {
      return Optional.of(ChecksummedJson.read(Files.readAllBytes(file), OperationRecord.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (DamagedException e) {
      throw CatalogErrors.damaged(file, e.getMessage());
    } catch (IOException e) {
      throw CatalogErrors.unreadable(file, e);
    }
  }
}
