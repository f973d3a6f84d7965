package io.stillpoint.sandbox.mongod.storage;

import java.util.Map;
import java.util.TreeMap;

/** First-fit allocation in units of 4096 bytes, so that freed blocks are soon overwritten. */
final class FreeSpace {
  static final int UNIT = 4096;

  private final TreeMap<Long, Long> free = new TreeMap<>();
  private long end;

  FreeSpace(long end) {
    this.end = roundUp(end);
  }

  static long roundUp(long bytes) {
    return (bytes + UNIT - 1) / UNIT * UNIT;
  }

  /** Marks a run as used while the free space of an existing file is worked out. */
  void reserve(long offset, long length) {
    long size = roundUp(length);
    if (offset >= end) {
      if (offset > end) {
        free.put(end, offset - end);
      }
      end = offset + size;
      return;
    }
    Map.Entry<Long, Long> hole = free.floorEntry(offset);
    if (hole == null || hole.getKey() + hole.getValue() < offset + size) {
      throw new StorageException(
          StorageException.WT_ERROR, "block at " + offset + " is used twice");
    }
    free.remove(hole.getKey());
    if (hole.getKey() < offset) {
      free.put(hole.getKey(), offset - hole.getKey());
    }
    long rest = hole.getKey() + hole.getValue() - offset - size;
    if (rest > 0) {
      free.put(offset + size, rest);
    }
  }

  long allocate(long length) {
    long size = roundUp(length);
    for (Map.Entry<Long, Long> hole : free.entrySet()) {
      long offset = hole.getKey();
      long available = hole.getValue();
      if (available >= size) {
        // Read before: the map may reuse the entry for another hole when this one is removed.
        free.remove(offset);
        if (available > size) {
          free.put(offset + size, available - size);
        }
        return offset;
      }
    }
    long offset = end;
    end += size;
    return offset;
  }

  void release(long offset, long length) {
    long from = offset;
    long size = roundUp(length);
    Map.Entry<Long, Long> before = free.lowerEntry(from);
    if (before != null && before.getKey() + before.getValue() == from) {
      free.remove(before.getKey());
      from = before.getKey();
      size += before.getValue();
    }
    Long after = free.remove(from + size);
    if (after != null) {
      size += after;
    }
    free.put(from, size);
  }
}
