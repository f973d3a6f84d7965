package io.stillpoint.sandbox.mongod.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Rows by a 64-bit key (a record id, or a timestamp in the oplog). The newest state is in memory,
 * read from the file on first use; changes wait in order until a checkpoint may contain them.
 *
 * <p>Reading and writing rows is guarded by the caller's lock; {@link #drain} too. Writing the
 * drained changes to the file needs no lock.
 */
public final class Table {
  private record Change(long timestamp, long key, byte[] value) {}

  private final String ident;
  private final boolean logged;
  private final Path path;
  private final OpenFiles files;
  private final Object loading = new Object();
  private final Deque<Change> pending = new ArrayDeque<>();
  private TreeMap<Long, byte[]> inFlight = new TreeMap<>();
  private volatile TreeMap<Long, byte[]> rows;
  private DataFile file;
  private Address root;
  private long dropTimestamp = -1;

  Table(String ident, boolean logged, Path path, Address root, OpenFiles files) {
    this.ident = ident;
    this.logged = logged;
    this.path = path;
    this.root = root;
    this.files = files;
  }

  public String ident() {
    return ident;
  }

  /** Whether its writes go to the journal and ignore timestamps. */
  public boolean logged() {
    return logged;
  }

  Path path() {
    return path;
  }

  Address root() {
    return root;
  }

  /**
   * The rows, newest state, in key order; not to be changed by the caller.
   *
   * @throws StorageException on first use of a missing or damaged file
   */
  public NavigableMap<Long, byte[]> rows() {
    TreeMap<Long, byte[]> loaded = rows;
    if (loaded == null) {
      synchronized (loading) {
        loaded = rows;
        if (loaded == null) {
          loaded = file().readAll();
          apply(loaded, inFlight);
          for (Change change : pending) {
            put(loaded, change.key(), change.value());
          }
          rows = loaded;
        }
      }
    }
    return loaded;
  }

  /** Checks that the file can be used, without reading the rows. */
  public void requireUsable() {
    synchronized (loading) {
      file();
    }
  }

  private DataFile file() {
    if (file == null) {
      file = DataFile.open(path, root, files);
    }
    return file;
  }

  void write(long key, byte[] value, long timestamp) {
    put(rows(), key, value);
    pending.add(new Change(logged ? 0 : timestamp, key, value));
  }

  private static void put(NavigableMap<Long, byte[]> target, long key, byte[] value) {
    if (value == null) {
      target.remove(key);
    } else {
      target.put(key, value);
    }
  }

  private static void apply(NavigableMap<Long, byte[]> target, NavigableMap<Long, byte[]> changes) {
    changes.forEach((key, value) -> put(target, key, value));
  }

  void dropAt(long timestamp) {
    dropTimestamp = timestamp;
  }

  boolean droppedAt(long stable) {
    return dropTimestamp >= 0 && dropTimestamp <= stable;
  }

  /**
   * Takes the changes that a checkpoint at the stable timestamp contains.
   *
   * @return whether there are any
   */
  boolean drain(long stable) {
    synchronized (loading) {
      List<Change> later = new ArrayList<>();
      Change change;
      while ((change = pending.poll()) != null) {
        if (change.timestamp() <= stable) {
          inFlight.put(change.key(), change.value());
        } else {
          later.add(change);
        }
      }
      pending.addAll(later);
      return !inFlight.isEmpty();
    }
  }

  void writeCheckpoint(long generation) {
    synchronized (loading) {
      root = file().merge(inFlight, generation);
      inFlight = new TreeMap<>();
    }
  }

  void releaseRetired(long pinnedGeneration) {
    synchronized (loading) {
      if (file != null) {
        file.releaseRetired(pinnedGeneration);
      }
    }
  }

  void releasePinned() {
    synchronized (loading) {
      if (file != null) {
        file.releasePinned();
      }
    }
  }

  void close() {
    synchronized (loading) {
      try {
        files.close(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      file = null;
    }
  }
}
