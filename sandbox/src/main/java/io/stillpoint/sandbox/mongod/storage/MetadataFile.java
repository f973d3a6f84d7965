package io.stillpoint.sandbox.mongod.storage;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code WiredTiger.wt}, which holds the metadata of the newest checkpoint, and {@code
 * WiredTiger.turtle}, which says where in it and is replaced atomically.
 */
final class MetadataFile implements Closeable {
  static final String NAME = "WiredTiger.wt";
  static final String TURTLE = "WiredTiger.turtle";
  private static final String HEAD =
      """
      WiredTiger version string
      WiredTiger 10.0.0 (simulated)
      WiredTiger version
      major=10,minor=0,patch=0
      file:WiredTiger.wt
      """;
  private static final Pattern ADDRESS = Pattern.compile("addr=\"(\\d+),(\\d+),(-?\\d+)\"");

  private final Path dbPath;
  private final BlockFile channel;
  private final FreeSpace space = new FreeSpace(FreeSpace.UNIT);
  private Address current = Address.NONE;

  /**
   * Opens the file to write checkpoints to.
   *
   * @param keepCurrent whether the turtle's checkpoint is the one in use, which must stay intact
   *     until the next is complete; otherwise the file is made anew
   */
  MetadataFile(Path dbPath, boolean keepCurrent) {
    this.dbPath = dbPath;
    try {
      Path file = dbPath.resolve(NAME);
      if (keepCurrent) {
        current = turtleAddress(dbPath);
        space.reserve(current.offset(), current.length());
      } else {
        Files.deleteIfExists(dbPath.resolve(TURTLE));
        Files.deleteIfExists(file);
        DataFile.create(file);
      }
      channel = new BlockFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes file and turtle anew, as a start from a backup does before it replays the journal. */
  static void makeWithoutCheckpoint(Path dbPath) {
    try {
      Files.deleteIfExists(dbPath.resolve(TURTLE));
      Files.deleteIfExists(dbPath.resolve(NAME));
      DataFile.create(dbPath.resolve(NAME));
      replace(dbPath.resolve(TURTLE), (HEAD + "checkpoint=,\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the turtle is there but no checkpoint was completed since it was made. */
  static boolean isWithoutCheckpoint(Path dbPath) {
    try {
      return Files.readString(dbPath.resolve(TURTLE)).contains("checkpoint=,");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write(CheckpointMetadata metadata) {
    byte[] bytes = metadata.toBytes();
    Address next =
        new Address(space.allocate(bytes.length), bytes.length, DataFile.checksum(bytes));
    String turtle =
        HEAD
            + "checkpoint=(WiredTigerCheckpoint.%4$d=(addr=\"%1$d,%2$d,%3$d\",time=%5$d))%n"
                .formatted(
                    next.offset(),
                    next.length(),
                    next.checksum(),
                    metadata.generation(),
                    metadata.timestamp());
    try {
      ByteBuffer block = ByteBuffer.wrap(bytes);
      while (block.hasRemaining()) {
        channel.write(block, next.offset() + block.position());
      }
      replace(dbPath.resolve(TURTLE), turtle.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (current.isPresent()) {
      space.release(current.offset(), current.length());
    }
    current = next;
  }

  static void replace(Path file, byte[] content) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".set");
    try (FileOutputStream out = new FileOutputStream(next.toFile())) {
      out.write(content);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Reads what the turtle refers to.
   *
   * @throws StorageException when it is not there
   */
  static CheckpointMetadata read(Path dbPath) {
    try {
      Path file = dbPath.resolve(NAME);
      if (!Files.exists(file)) {
        throw new StorageException(
            StorageException.ENOENT, NAME + ": handle-open: open: No such file or directory");
      }
      Address address = turtleAddress(dbPath);
      long offset = address.offset();
      byte[] bytes = new byte[address.length()];
      try (FileChannel in = FileChannel.open(file)) {
        ByteBuffer block = ByteBuffer.wrap(bytes);
        while (block.hasRemaining()) {
          if (in.read(block, offset + block.position()) < 0) {
            throw new StorageException(
                StorageException.WT_ERROR,
                NAME + ": handle-read: pread: failed to read at offset " + offset);
          }
        }
      }
      if (DataFile.checksum(bytes) != address.checksum()) {
        throw new StorageException(
            StorageException.WT_ERROR, NAME + ": read checksum error at offset " + offset);
      }
      return CheckpointMetadata.fromBytes(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Address turtleAddress(Path dbPath) throws IOException {
    Matcher at = ADDRESS.matcher(Files.readString(dbPath.resolve(TURTLE)));
    if (!at.find()) {
      throw new StorageException(22, "WiredTiger.turtle: no checkpoint address");
    }
    return new Address(
        Long.parseLong(at.group(1)), Integer.parseInt(at.group(2)), Integer.parseInt(at.group(3)));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
