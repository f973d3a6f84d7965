package io.stillpoint.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A text file that can be replaced in one step although its disk is full: the space for its next
 * content lies beside it, and the two change their places. What is written is padded with spaces,
 * so that a content that is a little longer finds room where the last one was. One writer at a
 * time.
 */
public final class ReservedFile {

  private static final int BLOCK = 4096;
  private static final byte BLANK = ' ';

  /** Replaces a file in one step; a seam for tests of a full disk. */
  @FunctionalInterface
  interface Replacing {
    void replace(Path file, byte[] content) throws IOException;
  }

  private final Path file;
  private final Path spare;
  private final Path last;
  private final Replacing replacing;

  public ReservedFile(Path file) {
    this(file, DurableFiles::replace);
  }

  ReservedFile(Path file, Replacing replacing) {
    this.file = file;
    this.spare = file.resolveSibling(file.getFileName() + ".spare");
    this.last = file.resolveSibling(file.getFileName() + ".last");
    this.replacing = replacing;
  }

  /** Makes sure that a content of this length can replace the file later, whatever is free then. */
  public void reserve(int length) throws IOException {
    if (usableSpare() < length) {
      // Written, and not only made long: a hole has no space.
      replacing.replace(spare, padded(new byte[0], length + BLOCK));
    }
  }

  /** Replaces the file in one step; it is durable when this returns. */
  public void replace(byte[] content) throws IOException {
    try {
      replacing.replace(file, padded(content, content.length));
    } catch (IOException full) {
      if (!DurableFiles.isDiskFull(full) || usableSpare() < content.length) {
        throw full;
      }
      replaceBySpare(content);
    }
  }

  /** Gives the reserved space up. */
  public void release() throws IOException {
    Files.deleteIfExists(last);
    if (Files.deleteIfExists(spare)) {
      DurableFiles.syncDirectory(file.getParent());
    }
  }

  private void replaceBySpare(byte[] content) throws IOException {
    try {
      overwriteSpare(content);
    } catch (IOException e) {
      // A file system that copies on write needs space even for that; but deleting gives it some.
      Files.deleteIfExists(spare);
      replacing.replace(file, padded(content, content.length));
      return;
    }
    boolean kept = keepLast();
    Files.move(spare, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    DurableFiles.syncDirectory(file.getParent());
    if (kept) {
      Files.move(last, spare, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void overwriteSpare(byte[] content) throws IOException {
    byte[] whole = padded(content, Math.toIntExact(Files.size(spare)));
    try (FileChannel channel = FileChannel.open(spare, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(whole);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** Without its second name, the space of the present content would be freed by the move. */
  private boolean keepLast() {
    try {
      Files.createLink(last, file);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** The length of the spare; 0 if there is none. */
  private long usableSpare() throws IOException {
    if (Files.exists(last)) {
      // Killed on the way. Before the move it is the file itself, which nobody may overwrite.
      if (Files.exists(spare) || Files.exists(file) && Files.isSameFile(last, file)) {
        Files.delete(last);
      } else {
        Files.move(last, spare, StandardCopyOption.ATOMIC_MOVE);
      }
    }
    try {
      return Files.size(spare);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** At least as long as wanted, in whole blocks, and with room to grow. */
  private static byte[] padded(byte[] content, int wanted) {
    int length = Math.max(content.length, wanted);
    boolean whole = length > content.length && length % BLOCK == 0;
    byte[] padded = Arrays.copyOf(content, whole ? length : (length / BLOCK + 2) * BLOCK);
    Arrays.fill(padded, content.length, padded.length, BLANK);
    return padded;
  }
}
