package io.stillpoint.sandbox.catalog;

import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.catalog.FileLists;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryCatalogContractTest extends CatalogContract {

  @TempDir private Path root;

  @Override
  Store open() {
    return new Directory(root);
  }

  private record Directory(Path root) implements Store {
    @Override
    public BackupCatalog catalog(Clock clock) {
      return new DirectoryCatalog(root, clock);
    }

    @Override
    public FileLists lists() {
      return new DirectoryCatalog(root, Clock.systemUTC()).fileLists();
    }

    @Override
    public List<String> lists(String backup) {
      if (!Files.isDirectory(root.resolve(backup))) {
        return List.of();
      }
      try (Stream<Path> files = Files.list(root.resolve(backup))) {
        return files
            .map(f -> f.getFileName().toString())
            .filter(name -> name.endsWith(".files") || name.startsWith("."))
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String manifest(String backup) {
      try {
        return Files.readString(root.resolve(backup).resolve("manifest.json"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void editManifest(String backup, UnaryOperator<String> edit) {
      edit(root.resolve(backup).resolve("manifest.json"), edit);
    }

    @Override
    public void editList(String backup, String name, UnaryOperator<String> edit) {
      edit(root.resolve(backup).resolve(name), edit);
    }

    @Override
    public void removeList(String backup, String name) {
      try {
        Files.delete(root.resolve(backup).resolve(name));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void edit(Path file, UnaryOperator<String> edit) {
      try {
        Files.writeString(file, edit.apply(Files.readString(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
