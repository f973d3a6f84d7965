package io.stillpoint.directory;

import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.storage.DurableFiles;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * What each file of a directory snapshot held, as a list beside them: CRC-32C in hexadecimal, size
 * and path, a line each. A server notices a changed page only when somebody reads it, which may be
 * years later; this list notices it before a restore touches anything.
 */
public final class FileChecksums {

  /** Name of the list, in the snapshot. */
  public static final String NAME = "stillpoint.crc32c";

  private static final int BATCH = 64;
  private static final int CHUNK = 1 << 20;
  private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final int threads;
  private final CopyRate rate;
  private final Progress total;
  private final ProgressListener listener;
  private long files;
  private long bytes;
  private long reported = System.nanoTime();

  /**
   * @param bytesPerSecond how fast files are read; 0 for as fast as it goes
   * @param total what the progress is measured against
   */
  public FileChecksums(
      int threads, long bytesPerSecond, Progress total, ProgressListener listener) {
    this.threads = threads;
    this.rate = new CopyRate(bytesPerSecond);
    this.total = total;
    this.listener = listener;
  }

  private record Line(String path, long size, String crc) {
    static Line parse(String text) {
      String[] parts = text.split(" ", 3);
      return new Line(parts[2], Long.parseLong(parts[1]), parts[0]);
    }

    String text() {
      return crc + " " + size + " " + path + "\n";
    }
  }

  /** Reads every file and writes the list; it is durable when this returns its SHA-256. */
  String record(Path snapshot, Iterator<FileEntry> entries) throws IOException {
    Path list = snapshot.resolve(NAME);
    Path temporary = DurableFiles.temporaryFor(list);
    MessageDigest digest = sha256();
    try (OutputStream out =
        new DigestOutputStream(
            new BufferedOutputStream(Files.newOutputStream(temporary)), digest)) {
      inBatches(
          entries,
          entry -> read(snapshot, entry.path()),
          line -> {
            if (line.isPresent()) {
              out.write(line.get().text().getBytes(StandardCharsets.UTF_8));
            }
          });
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    DurableFiles.sync(temporary);
    DurableFiles.publish(temporary, list);
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Holds the files of a directory against the list of a snapshot.
   *
   * @param sha256 of the list
   * @throws StillpointException SNAPSHOT_DAMAGED for the first file that differs
   */
  public void verify(Path snapshot, String sha256, Path directory) throws IOException {
    Path list = snapshot.resolve(NAME);
    requireUnchanged(list, sha256);
    try (var lines = Files.lines(list, StandardCharsets.UTF_8)) {
      inBatches(
          lines.map(Line::parse).iterator(),
          recorded -> {
            Optional<Line> found = read(directory, recorded.path());
            if (!found.equals(Optional.of(recorded))) {
              throw damaged(
                  directory.resolve(recorded.path()),
                  "has %s, recorded were %s".formatted(words(found), words(Optional.of(recorded))));
            }
            return recorded;
          },
          line -> {});
    }
  }

  /** One step on one file. */
  private interface Step<A, B> {
    B of(A input) throws IOException;
  }

  private interface Sink<B> {
    void take(B output) throws IOException;
  }

  /** Several files at once, but in order, and never many more than are being read. */
  private <A, B> void inBatches(Iterator<A> inputs, Step<A, B> step, Sink<B> sink)
      throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      while (inputs.hasNext()) {
        List<Future<B>> batch = new ArrayList<>();
        while (inputs.hasNext() && batch.size() < BATCH) {
          A input = inputs.next();
          batch.add(pool.submit(() -> step.of(input)));
        }
        for (Future<B> result : batch) {
          sink.take(result.get());
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading checksums", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private Optional<Line> read(Path directory, String path) throws IOException {
    Path file = directory.resolve(path);
    CRC32C crc = new CRC32C();
    long size = 0;
    try (FileChannel in =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(1, Math.min(CHUNK, in.size())));
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer.clear())) {
        crc.update(buffer.flip());
        size += read;
        report(0, read);
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    report(1, 0);
    return Optional.of(new Line(path, size, "%08x".formatted(crc.getValue())));
  }

  private void report(long moreFiles, long moreBytes) {
    rate.await(moreBytes, Thread.currentThread()::isInterrupted);
    synchronized (this) {
      files += moreFiles;
      bytes += moreBytes;
      if (System.nanoTime() - reported > REPORT_NANOS) {
        reported = System.nanoTime();
        // Files may have grown since they were listed, and are read as they are now.
        listener.report(
            new Progress(bytes, Math.max(bytes, total.totalBytes()), files, total.totalFiles()));
      }
    }
  }

  private static void requireUnchanged(Path list, String sha256) throws IOException {
    MessageDigest digest = sha256();
    try {
      digest.update(Files.readAllBytes(list));
    } catch (NoSuchFileException e) {
      throw damaged(list, "is missing");
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(sha256)) {
      throw damaged(list, "has sha256 %s, recorded is %s".formatted(found, sha256));
    }
  }

  private static String words(Optional<Line> line) {
    return line.map(l -> "%d bytes with checksum %s".formatted(l.size(), l.crc()))
        .orElse("nothing");
  }

  private static StillpointException damaged(Path file, String why) {
    return new StillpointException(
        ErrorCode.SNAPSHOT_DAMAGED,
        "%s %s".formatted(file, why),
        "use another backup: stillpoint list; nothing was changed");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
