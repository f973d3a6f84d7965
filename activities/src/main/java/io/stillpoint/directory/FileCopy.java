package io.stillpoint.directory;

import io.stillpoint.catalog.FileEntry;
import io.stillpoint.directory.CopyFailedException.Reason;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Copies single files. That a file is there says nothing: {@link CopyRecord} says what is whole.
 */
final class FileCopy {

  private static final long CHUNK = 8L << 20;

  /** Below this, starting a program costs more than moving the bytes. */
  private static final long REFLINK_FROM = 1 << 20;

  private static final Set<OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private static final Set<OpenOption> WRITE_ANEW =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path source;
  private final Path target;
  private final CopyMethod method;
  private final CopyRate rate;

  FileCopy(Path source, Path target, CopyMethod method, CopyRate rate) {
    this.source = source;
    this.target = target;
    this.method = method;
    this.rate = rate;
  }

  /** The size of a copy that is there and not shorter than listed, else -1. */
  long size(FileEntry entry) {
    Path file = target.resolve(entry.path());
    try {
      BasicFileAttributes found =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isRegularFile() && found.size() >= entry.minimumSize() ? found.size() : -1;
    } catch (NoSuchFileException e) {
      return -1;
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /**
   * Writes the content over whatever is there.
   *
   * @param copied hears the number of bytes of each step
   * @return its size; -1 if the file is optional and not there
   */
  long write(FileEntry entry, LongConsumer copied) {
    Path from = source.resolve(entry.path());
    long size;
    try {
      BasicFileAttributes found =
          Files.readAttributes(from, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!found.isRegularFile()) {
        throw new CopyFailedException(
            Reason.SOURCE_UNSUITABLE, from, "it is not a regular file", null);
      }
      size = found.size();
    } catch (NoSuchFileException e) {
      if (entry.isOptional()) {
        return -1;
      }
      throw new CopyFailedException(Reason.SOURCE_MISSING, from, "it is not there", e);
    } catch (IOException e) {
      throw unreadable(from, e);
    }
    Path to = target.resolve(entry.path());
    if (method == CopyMethod.REFLINK && size >= REFLINK_FROM && share(entry, from, to, copied)) {
      return size;
    }
    stream(entry, from, to, copied);
    return size;
  }

  private boolean share(FileEntry entry, Path from, Path to, LongConsumer copied) {
    try {
      Files.deleteIfExists(to);
      if (!CopyMethod.reflink(from, to)) {
        Files.deleteIfExists(to);
        return false;
      }
      Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
      long size = Files.size(to);
      requireListedSize(entry, from, size);
      copied.accept(size);
      return true;
    } catch (IOException e) {
      throw unwritable(to, e);
    }
  }

  private void stream(FileEntry entry, Path from, Path to, LongConsumer copied) {
    try (FileChannel in = FileChannel.open(from, READ);
        FileChannel out = create(to)) {
      // Data files keep growing while they are copied: what is there now is all that is needed.
      long size = in.size();
      requireListedSize(entry, from, size);
      long position = 0;
      while (position < size) {
        long moved = move(in, out, position, Math.min(rate.step(CHUNK), size - position), from, to);
        if (moved <= 0) {
          requireListedSize(entry, from, position);
          break;
        }
        position += moved;
        copied.accept(moved);
      }
    } catch (NoSuchFileException e) {
      throw new CopyFailedException(
          Reason.SOURCE_MISSING, from, "it vanished while it was copied", e);
    } catch (IOException e) {
      throw unreadable(from, e);
    }
  }

  private static long move(
      FileChannel in, FileChannel out, long position, long count, Path from, Path to)
      throws IOException {
    try {
      return in.transferTo(position, count, out);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      // One call reads and writes; only a full disk tells which side it was.
      if (DurableFiles.isDiskFull(e)) {
        throw unwritable(to, e);
      }
      throw unreadable(from, e);
    }
  }

  private static FileChannel create(Path to) {
    try {
      return FileChannel.open(to, WRITE_ANEW, OWNER_ONLY);
    } catch (IOException e) {
      throw unwritable(to, e);
    }
  }

  private static void requireListedSize(FileEntry entry, Path from, long size) {
    if (size < entry.minimumSize()) {
      throw new CopyFailedException(
          Reason.SOURCE_SHORT,
          from,
          "it has %d bytes, listed were %d".formatted(size, entry.minimumSize()),
          null);
    }
  }

  private static CopyFailedException unreadable(Path file, IOException e) {
    String why = e instanceof AccessDeniedException ? "access denied" : String.valueOf(e);
    return new CopyFailedException(Reason.SOURCE_UNREADABLE, file, why, e);
  }

  static CopyFailedException unwritable(Path file, IOException e) {
    if (DurableFiles.isDiskFull(e)) {
      return new CopyFailedException(Reason.TARGET_FULL, file, "no space left on device", e);
    }
    String why = e instanceof AccessDeniedException ? "access denied" : String.valueOf(e);
    return new CopyFailedException(Reason.TARGET_UNWRITABLE, file, why, e);
  }
}
