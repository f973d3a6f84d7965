package io.stillpoint.directory;

import io.stillpoint.catalog.FileEntry;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Iterator;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks that a directory holds what a list names. Most damages to a copy are silent: mongod starts
 * without the first journal file, with a cut data file or an empty WiredTiger.backup, and shows too
 * little or nothing (measured on 4.4.6-8). So each is looked for before any server sees the copy.
 */
public final class ListedFilesCheck {

  /** Without this file a server forgets the checkpoint that the copy was made of. */
  public static final String BACKUP_FILE = "WiredTiger.backup";

  private static final Pattern JOURNAL = Pattern.compile("journal/WiredTigerLog\\.(\\d{10})");
  private static final Pattern FILE = Pattern.compile("WiredTigerLog\\.(\\d{10})");

  /** What was found. */
  public record Found(long files, long bytes) {}

  private final Path directory;

  public ListedFilesCheck(Path directory) {
    this.directory = directory;
  }

  /**
   * @throws StillpointException SNAPSHOT_INCOMPLETE for the first thing that is missing
   */
  public Found check(Iterator<FileEntry> entries) {
    long files = 0;
    long bytes = 0;
    boolean backupFile = false;
    TreeSet<Long> journal = new TreeSet<>();
    while (entries.hasNext()) {
      FileEntry entry = entries.next();
      long size = size(entry.path());
      if (size < 0 && entry.isOptional()) {
        continue;
      }
      if (size < 0) {
        throw incomplete("listed file %s is missing".formatted(entry.path()));
      }
      if (size < entry.minimumSize()) {
        throw incomplete(
            "listed file %s has %d bytes, listed were %d"
                .formatted(entry.path(), size, entry.minimumSize()));
      }
      files++;
      bytes += size;
      backupFile |= entry.path().equals(BACKUP_FILE);
      Matcher matcher = JOURNAL.matcher(entry.path());
      if (matcher.matches()) {
        journal.add(Long.parseLong(matcher.group(1)));
      }
    }
    if (!backupFile) {
      throw incomplete("%s is not in the list".formatted(BACKUP_FILE));
    }
    requireBackupFile();
    requireConsecutive(journal);
    return new Found(files, bytes);
  }

  /**
   * @throws StillpointException SNAPSHOT_INCOMPLETE
   */
  public void requireBackupFile() {
    if (size(BACKUP_FILE) <= 0) {
      throw incomplete("%s is missing or empty".formatted(BACKUP_FILE));
    }
  }

  private void requireConsecutive(TreeSet<Long> listed) {
    if (listed.isEmpty()) {
      throw incomplete("the list names no journal file");
    }
    for (long number = listed.first(); number <= listed.last(); number++) {
      if (!listed.contains(number)) {
        throw incomplete("journal file %s is not in the list".formatted(name(number)));
      }
      if (size("journal/" + name(number)) == 0) {
        throw incomplete("journal file %s is empty".formatted(name(number)));
      }
    }
  }

  /**
   * A person may have copied the whole data directory while the journal went on: files after the
   * last listed one are welcome as long as no number is left out, because a server stops at a gap.
   *
   * @throws StillpointException SNAPSHOT_INCOMPLETE
   */
  public void requireNoJournalGap() throws IOException {
    Path journal = directory.resolve("journal");
    TreeSet<Long> present = new TreeSet<>();
    try (var found = Files.list(journal)) {
      found
          .map(file -> FILE.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .forEach(matcher -> present.add(Long.parseLong(matcher.group(1))));
    }
    for (long number = present.first(); number <= present.last(); number++) {
      if (!present.contains(number)) {
        throw incomplete("journal file %s is missing between others".formatted(name(number)));
      }
    }
  }

  /** Size of a regular file below the directory, -1 if there is none. */
  private long size(String path) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(
              directory.resolve(path), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isRegularFile() ? found.size() : -1;
    } catch (NoSuchFileException e) {
      return -1;
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_UNREACHABLE,
          "file %s in %s cannot be read: %s".formatted(path, directory, e),
          "check the directory's mount and permissions",
          e);
    }
  }

  private StillpointException incomplete(String why) {
    return new StillpointException(
        ErrorCode.SNAPSHOT_INCOMPLETE,
        "%s is no complete copy: %s".formatted(directory, why),
        "copy the listed files again, with the directories they are listed in, or use another"
            + " backup: stillpoint list");
  }

  private static String name(long number) {
    return "WiredTigerLog.%010d".formatted(number);
  }
}
