package io.stillpoint.directory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** How a file's bytes get from one directory into another. */
public enum CopyMethod {
  /** The file system shares the blocks: instant, and no space used (XFS, Btrfs, bcachefs). */
  REFLINK,
  /** Every byte is read and written. */
  STREAM;

  private static final long PROBE_BYTES = 1 << 16;

  /** Finds out by trying it, once, with small files that are removed again. */
  public static CopyMethod between(Path source, Path target) throws IOException {
    if (!Files.getFileStore(source).equals(Files.getFileStore(target))) {
      return STREAM;
    }
    Path original = target.resolve(".stillpoint-probe-" + UUID.randomUUID());
    Path copy = target.resolve(original.getFileName() + "-copy");
    try {
      Files.write(original, new byte[(int) PROBE_BYTES]);
      return reflink(original, copy) ? REFLINK : STREAM;
    } finally {
      Files.deleteIfExists(original);
      Files.deleteIfExists(copy);
    }
  }

  /** Makes the copy share the original's blocks; false if that is not possible here. */
  static boolean reflink(Path original, Path copy) throws IOException {
    Process cp;
    try {
      cp =
          new ProcessBuilder(
                  List.of(
                      "cp",
                      "--reflink=always",
                      "--no-dereference",
                      "--no-target-directory",
                      "--",
                      original.toString(),
                      copy.toString()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      // No cp, or one that this system does not let us run: bytes can always be streamed.
      return false;
    }
    try {
      cp.getOutputStream().close();
      if (!cp.waitFor(5, TimeUnit.MINUTES)) {
        cp.destroyForcibly();
        return false;
      }
      return cp.exitValue() == 0;
    } catch (InterruptedException e) {
      cp.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while cp copied " + original, e);
    }
  }
}
