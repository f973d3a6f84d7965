package io.stillpoint.catalog;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;

/**
 * One file of a member's list.
 *
 * @param path relative to the data directory, with forward slashes; never leaves the directory
 * @param size in bytes when it was listed; {@link #OPTIONAL} for a file that the server does not
 *     list and that is copied if it exists (storage.bson)
 */
public record FileEntry(String path, long size) {

  public static final long OPTIONAL = -1;

  private static final String JOURNAL = "journal/";

  public FileEntry {
    if (!isSafe(path) || size < OPTIONAL) {
      throw new StillpointException(
          ErrorCode.FILE_LIST_DAMAGED,
          "file list has the entry '%s' of size %d, which cannot be a file below a data directory"
              .formatted(path, size),
          "take the backup again; if it happens twice, report it with the file list");
    }
  }

  public boolean isOptional() {
    return size == OPTIONAL;
  }

  /** What a copy must have at least. */
  public long minimumSize() {
    return Math.max(0, size);
  }

  /** Journal files are copied whole: recovery reads them to their end. */
  public boolean isJournal() {
    return path.startsWith(JOURNAL);
  }

  private static boolean isSafe(String path) {
    if (path == null || path.isEmpty() || path.startsWith("/") || path.endsWith("/")) {
      return false;
    }
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return path.chars().noneMatch(c -> c < ' ' || c == '\\');
  }
}
