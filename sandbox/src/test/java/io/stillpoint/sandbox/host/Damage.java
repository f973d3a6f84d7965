package io.stillpoint.sandbox.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Damages to a copy that a server starts on without an error, or with one that says nothing of the
 * cause, as measured on Percona Server for MongoDB 4.4.6-8; each with what Stillpoint says when it
 * looks at such a copy.
 */
enum Damage {
  BACKUP_FILE_MISSING(
      "WiredTiger.backup is missing", copy -> delete(copy.resolve("WiredTiger.backup"))),
  BACKUP_FILE_EMPTY("WiredTiger.backup", copy -> cut(copy.resolve("WiredTiger.backup"), 0)),
  BACKUP_FILE_AND_JOURNAL_MISSING(
      "is missing",
      copy -> {
        delete(copy.resolve("WiredTiger.backup"));
        journal(copy).forEach(Damage::delete);
      }),
  JOURNAL_MISSING("journal/WiredTigerLog", copy -> journal(copy).forEach(Damage::delete)),
  FIRST_JOURNAL_FILE_MISSING("journal/WiredTigerLog", copy -> delete(journal(copy).get(0))),
  LAST_JOURNAL_FILES_MISSING(
      "journal/WiredTigerLog",
      copy -> journal(copy).subList(1, journal(copy).size()).forEach(Damage::delete)),
  JOURNAL_CUT_SHORT(
      "journal/WiredTigerLog",
      copy -> {
        List<Path> files = journal(copy);
        cut(files.get(0), 0.5);
        files.subList(1, files.size()).forEach(Damage::delete);
      }),
  DATA_FILE_MISSING("is missing", copy -> delete(largestDataFile(copy))),
  DATA_FILE_SHORT("bytes, listed were", copy -> cut(largestDataFile(copy), 0.06)),
  DATA_FILE_EMPTY("bytes, listed were", copy -> cut(largestDataFile(copy), 0)),
  INDEX_FILE_MISSING("is missing", copy -> files(copy, "index-").forEach(Damage::delete));

  private final String words;
  private final Consumer<Path> action;

  Damage(String words, Consumer<Path> action) {
    this.words = words;
    this.action = action;
  }

  /** Part of what is said of the copy before any server sees it. */
  String words() {
    return words;
  }

  void make(Path copy) {
    action.accept(copy);
  }

  static List<Path> journal(Path copy) {
    return files(copy.resolve("journal"), "WiredTigerLog.");
  }

  /** That of the collection that was written to; the oplog's is journaled, and larger. */
  private static Path largestDataFile(Path copy) {
    return files(copy, "collection-").stream()
        .max(java.util.Comparator.comparingLong(file -> file.toFile().length()))
        .orElseThrow();
  }

  static List<Path> files(Path directory, String prefix) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void cut(Path file, double fraction) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, (int) (bytes.length * fraction)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
