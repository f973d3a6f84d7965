package io.stillpoint.sandbox.mongod.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * One {@code .wt} file: leaf blocks of rows in key order, and one root block per checkpoint that
 * lists them. Blocks are never changed in place. A checkpoint writes new ones into free space; the
 * blocks that it replaces become free, and are overwritten, once it is complete, unless an open
 * backup cursor still needs them.
 */
final class DataFile {
  private static final int LEAF_BYTES = 16 * 1024;
  private static final int ROOT_ENTRY = 8 + 8 + 4 + 4 + 4;
  private static final byte[] MAGIC = "stillpoint simulated WiredTiger table\n".getBytes();

  private record Leaf(long firstKey, Address address, int rows, long generation) {}

  private final Path path;
  private final OpenFiles files;
  private final TreeMap<Long, Leaf> leaves = new TreeMap<>();
  private final FreeSpace space;
  private final List<Extent> retired = new ArrayList<>();
  private final List<Extent> pinned = new ArrayList<>();
  private Extent root;

  private DataFile(Path path, OpenFiles files, FreeSpace space) {
    this.path = path;
    this.files = files;
    this.space = space;
  }

  static void create(Path path) {
    try {
      byte[] header = new byte[FreeSpace.UNIT];
      System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
      Files.write(path, header);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Opens the state that {@code rootAddress} refers to.
   *
   * @throws StorageException when the file is missing, too short, or a block is not what it was
   */
  static DataFile open(Path path, Address rootAddress, OpenFiles files) {
    try {
      if (!Files.exists(path)) {
        throw new StorageException(
            StorageException.ENOENT,
            path.getFileName() + ": handle-open: open: No such file or directory");
      }
      long size = Files.size(path);
      if (size < FreeSpace.UNIT) {
        throw new StorageException(
            StorageException.WT_ERROR,
            "File %s is smaller than allocation size; file size=%d, alloc size=4096"
                .formatted(path.getFileName(), size));
      }
      DataFile file = new DataFile(path, files, new FreeSpace(FreeSpace.UNIT));
      file.readRoot(rootAddress);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readRoot(Address address) {
    if (!address.isPresent()) {
      return;
    }
    ByteBuffer block = read(address);
    root = new Extent(address.offset(), address.length(), 0);
    List<Extent> used = new ArrayList<>(List.of(root));
    while (block.hasRemaining()) {
      Leaf leaf =
          new Leaf(
              block.getLong(),
              new Address(block.getLong(), block.getInt(), block.getInt()),
              block.getInt(),
              0);
      leaves.put(leaf.firstKey(), leaf);
      used.add(new Extent(leaf.address().offset(), leaf.address().length(), 0));
    }
    used.sort(Comparator.comparingLong(Extent::offset));
    used.forEach(extent -> space.reserve(extent.offset(), extent.length()));
  }

  /** Every row of the last checkpoint. */
  synchronized TreeMap<Long, byte[]> readAll() {
    TreeMap<Long, byte[]> rows = new TreeMap<>();
    leaves.values().forEach(leaf -> readLeaf(leaf, rows));
    return rows;
  }

  /**
   * Writes the rows that changed since the last checkpoint and a new root. A null value removes.
   *
   * @return the address of the new root, to be recorded in the checkpoint's metadata
   */
  synchronized Address merge(NavigableMap<Long, byte[]> changes, long generation) {
    while (!changes.isEmpty()) {
      long first = changes.firstKey();
      Map.Entry<Long, Leaf> at = leaves.floorEntry(first);
      if (at == null) {
        at = leaves.firstEntry();
      }
      Long next = at == null ? null : leaves.higherKey(at.getKey());
      NavigableMap<Long, byte[]> part = next == null ? changes : changes.headMap(next, false);
      TreeMap<Long, byte[]> rows = new TreeMap<>();
      if (at != null) {
        readLeaf(at.getValue(), rows);
        leaves.remove(at.getKey());
        retire(at.getValue());
      }
      part.forEach(
          (key, value) -> {
            if (value == null) {
              rows.remove(key);
            } else {
              rows.put(key, value);
            }
          });
      writeLeaves(rows, generation);
      changes = next == null ? new TreeMap<>() : changes.tailMap(next, true);
    }
    return writeRoot(generation);
  }

  private void retire(Leaf leaf) {
    retired.add(new Extent(leaf.address().offset(), leaf.address().length(), leaf.generation()));
  }

  private void writeLeaves(TreeMap<Long, byte[]> rows, long generation) {
    List<Map.Entry<Long, byte[]>> batch = new ArrayList<>();
    int bytes = 0;
    for (Map.Entry<Long, byte[]> row : rows.entrySet()) {
      if (bytes > 0 && bytes + row.getValue().length > LEAF_BYTES) {
        writeLeaf(batch, bytes, generation);
        batch.clear();
        bytes = 0;
      }
      batch.add(row);
      bytes += 12 + row.getValue().length;
    }
    if (!batch.isEmpty()) {
      writeLeaf(batch, bytes, generation);
    }
  }

  private void writeLeaf(List<Map.Entry<Long, byte[]>> rows, int bytes, long generation) {
    ByteBuffer block = ByteBuffer.allocate(bytes);
    rows.forEach(
        row -> block.putLong(row.getKey()).putInt(row.getValue().length).put(row.getValue()));
    Address address = write(block);
    long firstKey = rows.get(0).getKey();
    leaves.put(firstKey, new Leaf(firstKey, address, rows.size(), generation));
  }

  private Address writeRoot(long generation) {
    if (root != null) {
      retired.add(root);
      root = null;
    }
    if (leaves.isEmpty()) {
      return Address.NONE;
    }
    ByteBuffer block = ByteBuffer.allocate(leaves.size() * ROOT_ENTRY);
    for (Leaf leaf : leaves.values()) {
      Address at = leaf.address();
      block.putLong(leaf.firstKey()).putLong(at.offset()).putInt(at.length());
      block.putInt(at.checksum()).putInt(leaf.rows());
    }
    Address address = write(block);
    root = new Extent(address.offset(), address.length(), generation);
    return address;
  }

  /**
   * Frees what the last merge replaced; to be called when the checkpoint is complete.
   *
   * @param pinnedGeneration blocks written up to this generation stay for the backup cursor; -1
   *     when none is open
   */
  synchronized void releaseRetired(long pinnedGeneration) {
    for (Extent extent : retired) {
      if (extent.generation() <= pinnedGeneration) {
        pinned.add(extent);
      } else {
        space.release(extent.offset(), extent.length());
      }
    }
    retired.clear();
  }

  /** Frees the blocks that only a backup cursor held. */
  synchronized void releasePinned() {
    pinned.forEach(extent -> space.release(extent.offset(), extent.length()));
    pinned.clear();
  }

  private void readLeaf(Leaf leaf, Map<Long, byte[]> rows) {
    ByteBuffer block = read(leaf.address());
    for (int i = 0; i < leaf.rows(); i++) {
      long key = block.getLong();
      byte[] value = new byte[block.getInt()];
      block.get(value);
      rows.put(key, value);
    }
  }

  private Address write(ByteBuffer block) {
    int length = block.capacity();
    long offset = space.allocate(length);
    ByteBuffer padded = ByteBuffer.allocate((int) FreeSpace.roundUp(length));
    padded.put(block.array()).clear();
    try {
      while (padded.hasRemaining()) {
        files.write(path, padded, offset + padded.position());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Address(offset, length, checksum(block.array()));
  }

  private ByteBuffer read(Address address) {
    ByteBuffer block = ByteBuffer.allocate(address.length());
    try {
      while (block.hasRemaining()) {
        if (files.read(path, block, address.offset() + block.position()) < 0) {
          throw new StorageException(
              StorageException.WT_ERROR,
              "%s: handle-read: pread: failed to read %d bytes at offset %d"
                  .formatted(path.getFileName(), address.length(), address.offset()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (checksum(block.array()) != address.checksum()) {
      throw new StorageException(
          StorageException.WT_ERROR,
          "%s: read checksum error for %dB block at offset %d"
              .formatted(path.getFileName(), address.length(), address.offset()));
    }
    return block.flip();
  }

  static int checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
