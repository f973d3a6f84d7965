package io.stillpoint.catalog;

import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.FileName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The sets' parts of a manifest while its backup runs: {@code <set>-<attempt>.part.json}. */
final class PartStore {

  private static final Pattern NAME = Pattern.compile("(.+)-(\\d+)\\.part\\.json");

  private PartStore() {}

  static void save(Path directory, int attempt, ManifestSet part) {
    Path file = directory.resolve(FileName.of(part.set()) + "-" + attempt + ".part.json");
    try {
      DurableFiles.replace(file, ChecksummedJson.write(part));
    } catch (IOException e) {
      throw CatalogErrors.unwritable(file, e);
    }
  }

  static List<ManifestSet> ofAttempt(Path directory, int attempt) {
    return files(directory).stream()
        .filter(file -> attempt(file) == attempt)
        .map(PartStore::read)
        .sorted(Comparator.comparing(ManifestSet::set))
        .toList();
  }

  static Optional<ManifestSet> latest(Path directory, String set) {
    String name = FileName.of(set);
    return files(directory).stream()
        .filter(file -> matcher(file).replaceAll("$1").equals(name))
        .max(Comparator.comparingInt(PartStore::attempt))
        .map(PartStore::read);
  }

  static boolean isPart(Path file) {
    return matcher(file).matches();
  }

  private static List<Path> files(Path directory) {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return new ArrayList<>(entries.filter(PartStore::isPart).toList());
    } catch (IOException e) {
      throw CatalogErrors.unreadable(directory, e);
    }
  }

  private static ManifestSet read(Path file) {
    try {
      return ChecksummedJson.read(Files.readAllBytes(file), ManifestSet.class);
    } catch (DamagedException e) {
      throw CatalogErrors.damaged(file, e.getMessage());
    } catch (IOException e) {
      throw CatalogErrors.unreadable(file, e);
    }
  }

  private static int attempt(Path file) {
    return Integer.parseInt(matcher(file).replaceAll("$2"));
  }

  private static Matcher matcher(Path file) {
    return NAME.matcher(file.getFileName().toString());
  }
}
