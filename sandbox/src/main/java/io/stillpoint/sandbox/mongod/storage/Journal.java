package io.stillpoint.sandbox.mongod.storage;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The write-ahead log: numbered files of records. A record is in memory until {@link #write} has
 * handed it to the operating system, and durable only after {@link #flush}: a killed process loses
 * what was not written, a snapshot of the disk what was not flushed.
 *
 * <p>A position (LSN) is the file's number in the upper and the offset in the lower 32 bits.
 */
final class Journal implements Closeable {
  static final int HEADER = 128;
  private static final String PREFIX = "WiredTigerLog.";
  private static final byte[] MAGIC = "stillpoint simulated WiredTiger log\n".getBytes();

  private final Path directory;
  private final long maxFileBytes;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
  private BlockFile channel;
  private long written;
  private long number;
  private long offset;
  private long durable;

  Journal(Path directory, long maxFileBytes, long firstNumber) {
    this.directory = directory;
    this.maxFileBytes = maxFileBytes;
    this.number = firstNumber;
    startFile();
    durable = position();
  }

  /** The log files present, in order. */
  static List<Path> files(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(directory)) {
      return new ArrayList<>(
          list.filter(p -> p.getFileName().toString().startsWith(PREFIX)).sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static long number(Path file) {
    return Long.parseLong(file.getFileName().toString().substring(PREFIX.length()));
  }

  static Path file(Path directory, long number) {
    return directory.resolve(PREFIX + "%010d".formatted(number));
  }

  private void startFile() {
    try {
      Files.createDirectories(directory);
      channel = new BlockFile(Files.createFile(file(directory, number)));
      written = 0;
      ByteBuffer header = ByteBuffer.allocate(HEADER);
      header.put(MAGIC).clear();
      writeFully(header);
      offset = HEADER;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    written += channel.write(bytes, written);
  }

  /** Adds a record and returns the position behind it. */
  synchronized long append(byte[] payload) {
    if (offset > HEADER && offset + 8 + payload.length > maxFileBytes) {
      switchFile();
    }
    ByteBuffer head = ByteBuffer.allocate(8);
    head.putInt(payload.length).putInt(DataFile.checksum(payload));
    buffer.writeBytes(head.array());
    buffer.writeBytes(payload);
    offset += 8 + payload.length;
    return position();
  }

  /** Where the next record will be. */
  synchronized long position() {
    return number << 32 | offset;
  }

  /** How far a snapshot of the disk would have the log. */
  synchronized long durable() {
    return durable;
  }

  /** Makes everything appended so far durable. */
  synchronized void flush() {
    write();
    durable = position();
  }

  /** Hands everything appended so far to the operating system. */
  synchronized void write() {
    if (buffer.size() == 0) {
      return;
    }
    try {
      writeFully(ByteBuffer.wrap(buffer.toByteArray()));
      buffer.reset();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the current file and starts the next; returns the number of the file that was ended. */
  synchronized long switchFile() {
    flush();
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long ended = number++;
    startFile();
    return ended;
  }

  /** Deletes the files in front of the one that holds the position. */
  void archiveBefore(long lsn) {
    for (Path file : files(directory)) {
      if (number(file) < lsn >>> 32) {
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Closes the file without writing what is in memory. */
  synchronized void abandon() {
    buffer.reset();
    close();
  }

  @Override
  public synchronized void close() {
    flush();
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
