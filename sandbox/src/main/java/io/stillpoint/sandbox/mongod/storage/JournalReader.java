package io.stillpoint.sandbox.mongod.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads the journal at start as WiredTiger does: from the first file that is present, with no check
 * that it joins the checkpoint, up to the first record that cannot be read. Only a gap between
 * present files, or a file without a header, is an error.
 */
final class JournalReader {
  interface Visitor {
    void visit(long lsn, JournalRecord record);
  }

  private final Path directory;
  private final List<Path> files;

  JournalReader(Path directory) {
    this.directory = directory;
    this.files = Journal.files(directory);
  }

  boolean isEmpty() {
    return files.isEmpty();
  }

  long firstNumber() {
    return Journal.number(files.get(0));
  }

  long lastNumber() {
    return files.isEmpty() ? 0 : Journal.number(files.get(files.size() - 1));
  }

  /**
   * Checks that the files can be read at all.
   *
   * @throws StorageException on a gap or a file without a header
   */
  void requireReadable() {
    long expected = files.isEmpty() ? 0 : firstNumber();
    for (Path file : files) {
      if (Journal.number(file) != expected) {
        throw new StorageException(
            StorageException.ENOENT,
            "journal/%s: handle-open: open: No such file or directory"
                .formatted(Journal.file(directory, expected).getFileName()));
      }
      if (size(file) < Journal.HEADER) {
        throw new StorageException(
            StorageException.WT_ERROR,
            "journal/%s: handle-read: pread: failed to read 128 bytes at offset 0"
                .formatted(file.getFileName()));
      }
      expected++;
    }
  }

  /** Visits the records from a position on; ends at the first one that cannot be read. */
  void replay(long from, Visitor visitor) {
    for (Path file : files) {
      if (Journal.number(file) < from >>> 32) {
        continue;
      }
      try {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        bytes.position(Journal.HEADER);
        long number = Journal.number(file);
        while (bytes.remaining() >= 8) {
          long lsn = number << 32 | bytes.position();
          int length = bytes.getInt();
          int checksum = bytes.getInt();
          if (length <= 0 || length > bytes.remaining()) {
            return;
          }
          byte[] payload = new byte[length];
          bytes.get(payload);
          if (DataFile.checksum(payload) != checksum) {
            return;
          }
          if (lsn >= from) {
            visitor.visit(lsn, JournalRecord.decode(payload));
          }
        }
        if (bytes.hasRemaining()) {
          return;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
