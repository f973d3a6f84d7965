package io.stillpoint.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes that are either wholly there after a crash, or not at all. */
public final class DurableFiles {

  private static final String TEMPORARY = ".tmp-";

  private DurableFiles() {}

  /** Replaces the file in one step; it is durable when this returns. */
  public static void replace(Path file, byte[] content) throws IOException {
    Path temporary = writeTemporary(file, content);
    try {
      publish(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Replaces the file in one step, for other processes at once, but without waiting for the disk:
   * after a loss of power it may be gone, old, or damaged.
   */
  public static void replaceWithoutSync(Path file, byte[] content) throws IOException {
    Path temporary = temporaryFor(file);
    try {
      Files.write(temporary, content, StandardOpenOption.CREATE_NEW);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Creates the file with all of its content in one step.
   *
   * @return false if somebody else created it before; that file is left as it is
   */
  public static boolean create(Path file, byte[] content) throws IOException {
    Path temporary = writeTemporary(file, content);
    try {
      // A hard link fails if the name exists, which a rename does not.
      Files.createLink(file, temporary);
      syncDirectory(file.getParent());
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Renames a file that is durable already and makes the new name durable. */
  public static void publish(Path temporary, Path file) throws IOException {
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(file.getParent());
  }

  /** A name beside the file that no reader takes for anything. */
  public static Path temporaryFor(Path file) {
    return file.resolveSibling(TEMPORARY + UUID.randomUUID());
  }

  /** Makes created, renamed and deleted names in the directory durable. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes a file's content durable. */
  public static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** The operating system refused because a disk or a quota is full. */
  public static boolean isDiskFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left on device") || message.contains("quota exceeded");
  }

  private static Path writeTemporary(Path file, byte[] content) throws IOException {
    Path temporary = temporaryFor(file);
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    return temporary;
  }
}
