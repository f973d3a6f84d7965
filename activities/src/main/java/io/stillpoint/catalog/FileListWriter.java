package io.stillpoint.catalog;

import io.stillpoint.model.FileListRef;

/** Writes one list, entry by entry, without holding it in memory. Not for several threads. */
public interface FileListWriter extends AutoCloseable {

  /**
   * Adds a file.
   *
   * @param relativePath relative to the data directory, with forward slashes
   * @param size in bytes, or {@link FileEntry#OPTIONAL}
   */
  void add(String relativePath, long size);

  /** Makes the list durable and visible under a name that its content determines. */
  FileListRef finish();

  /** Throws an unfinished list away; does nothing after {@link #finish}. */
  @Override
  void close();
}
