package io.stillpoint.catalog;

import io.stillpoint.model.FileListRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Lists of a member's files. A list's name contains a digest of its content, so that a repeated or
 * late activity can never replace a list that somebody else's reference names.
 *
 * <p>Errors of every method: CATALOG_UNWRITABLE, DISK_FULL on writing; CATALOG_UNREADABLE,
 * FILE_LIST_DAMAGED on reading a list that is gone or not what the reference says.
 */
public interface FileLists {

  /** Begins a list; nothing is visible before {@link FileListWriter#finish}. */
  FileListWriter writer(String backup, String set, int attempt);

  /**
   * Makes a new list of the base and more files. A path that the base has already keeps its place
   * and takes the larger size. The base stays. The same arguments give the same result.
   */
  default FileListRef append(
      String backup, String set, int attempt, FileListRef base, List<FileEntry> more) {
    Map<String, FileEntry> added = new LinkedHashMap<>();
    more.forEach(entry -> added.put(entry.path(), entry));
    try (FileListWriter writer = writer(backup, set, attempt);
        Stream<FileEntry> entries = entries(backup, base)) {
      entries.forEach(
          entry -> {
            FileEntry newer = added.remove(entry.path());
            long grown = newer == null ? entry.size() : Math.max(entry.size(), newer.size());
            writer.add(entry.path(), grown);
          });
      added.values().forEach(entry -> writer.add(entry.path(), entry.size()));
      return writer.finish();
    }
  }

  /** All entries in order, after the list's digest was checked. Close the stream. */
  Stream<FileEntry> entries(String backup, FileListRef list);

  /** Checks digest and number of entries. */
  void verify(String backup, FileListRef list);

  /** At most {@code limit} entries from {@code offset} on; empty behind the end. */
  default List<FileEntry> page(String backup, FileListRef list, int offset, int limit) {
    try (Stream<FileEntry> entries = entries(backup, list)) {
      return entries.skip(offset).limit(limit).toList();
    }
  }
}
