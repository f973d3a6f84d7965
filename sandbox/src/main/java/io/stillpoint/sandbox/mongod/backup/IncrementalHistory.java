package io.stillpoint.sandbox.mongod.backup;

import io.stillpoint.sandbox.wire.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;

/**
 * The named backups that incremental ones build on. The real server remembers which blocks were
 * written since; here the blocks are compared by checksum, and the history ends with the process.
 */
final class IncrementalHistory {
  private final Map<String, Map<Path, List<Long>>> backups = new HashMap<>();
  private int blockSize;

  /**
   * Registers a backup, which stays registered even if its open fails later.
   *
   * @throws CommandException 2 for a name that is used or another block size, 8 for an unknown base
   */
  void begin(BackupOptions asked) {
    if (backups.containsKey(asked.thisName())
        || !backups.isEmpty() && blockSize != asked.blockSize()) {
      throw new CommandException(2, "BadValue", "22: Invalid argument");
    }
    if (asked.srcName() != null && !backups.containsKey(asked.srcName())) {
      throw new CommandException(8, "UnknownError", "2: No such file or directory");
    }
    blockSize = asked.blockSize();
    backups.put(asked.thisName(), new HashMap<>());
  }

  /** What the cursor says of a file: all of it for a base, else what changed since the base. */
  List<BsonDocument> describe(BackupOptions asked, Path file, long size) throws IOException {
    List<Long> now = checksums(file);
    backups.get(asked.thisName()).put(file, now);
    List<Long> before = asked.srcName() == null ? null : backups.get(asked.srcName()).get(file);
    if (before == null) {
      return List.of(size == 0 ? whole(file, 0) : part(file, 0, size, size));
    }
    List<BsonDocument> changed = new ArrayList<>();
    long block = (long) blockSize << 20;
    for (int i = 0; i < now.size(); i++) {
      if (i >= before.size() || !before.get(i).equals(now.get(i))) {
        changed.add(part(file, i * block, Math.min(block, size - i * block), size));
      }
    }
    return changed.isEmpty() ? List.of(whole(file, size)) : changed;
  }

  /** Forgets every backup. */
  void clear() {
    backups.clear();
  }

  static BsonDocument whole(Path file, long size) {
    return new BsonDocument("filename", new BsonString(file.toAbsolutePath().toString()))
        .append("fileSize", new BsonInt64(size));
  }

  private static BsonDocument part(Path file, long offset, long length, long size) {
    return new BsonDocument("filename", new BsonString(file.toAbsolutePath().toString()))
        .append("offset", new BsonInt64(offset))
        .append("length", new BsonInt64(length))
        .append("fileSize", new BsonInt64(size));
  }

  private List<Long> checksums(Path file) throws IOException {
    List<Long> sums = new ArrayList<>();
    byte[] block = new byte[blockSize << 20];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.readNBytes(block, 0, block.length);
          n > 0;
          n = in.readNBytes(block, 0, block.length)) {
        CRC32C sum = new CRC32C();
        sum.update(block, 0, n);
        sums.add(sum.getValue());
      }
    }
    return sums;
  }
}
