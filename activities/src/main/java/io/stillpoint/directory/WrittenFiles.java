package io.stillpoint.directory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** The files of a running copy that are written, but not yet recorded as durable. */
final class WrittenFiles {

  /** Writing these out while others are copied takes less time than all of it at the end. */
  private static final long LARGE = 1 << 20;

  /** Up to so many, a call for each costs less than one for the whole file system. */
  private static final int FEW = 32;

  private final Path target;
  private final Set<Path> directories;
  private final CopyRecord record;
  private final Durability durability;
  private BitSet places = new BitSet();
  private List<Path> small = new ArrayList<>();

  /**
   * @param directories that hold written files, filled by the caller before a file is added
   */
  WrittenFiles(Path target, Set<Path> directories, CopyRecord record, Durability durability) {
    this.target = target;
    this.directories = directories;
    this.record = record;
    this.durability = durability;
  }

  /** To be called when the file is whole. */
  void add(int place, Path file, long size) {
    if (size >= LARGE) {
      sync(file);
    }
    synchronized (this) {
      places.set(place);
      if (size < LARGE) {
        small.add(file);
      }
    }
  }

  /**
   * Makes durable what was added before the call, and records it.
   *
   * @param more whether the copy goes on; the end of a short one needs no record
   */
  void settle(boolean more) {
    BitSet settled;
    List<Path> unsynced;
    synchronized (this) {
      settled = places;
      unsynced = small;
      places = new BitSet();
      small = new ArrayList<>();
    }
    if (settled.isEmpty() && more) {
      return;
    }
    try {
      if (unsynced.size() <= FEW || !durability.all(target)) {
        unsynced.forEach(this::sync);
        durability.names(target);
        for (Path directory : directories) {
          durability.names(directory);
        }
      }
      if (!settled.isEmpty() && (more || !record.isEmpty())) {
        record.add(settled);
      }
    } catch (IOException e) {
      throw FileCopy.unwritable(target, e);
    }
  }

  private void sync(Path file) {
    try {
      durability.content(file);
    } catch (IOException e) {
      throw FileCopy.unwritable(file, e);
    }
  }
}
