package io.stillpoint.storage;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Lets one piece of work at a time change something, whatever attempt or process it belongs to. The
 * operating system gives the lock back when its holder dies, so a successor takes over.
 */
public final class ExclusiveLock {

  private static final long RETRY_MILLIS = 100;

  /** What is done under the lock. */
  @FunctionalInterface
  public interface Action<T> {
    T run() throws IOException;
  }

  private ExclusiveLock() {}

  /**
   * Waits for the lock and runs the action under it.
   *
   * @param waiting called several times a second meanwhile; may throw to give up
   * @throws StillpointException PROVIDER_FAILED, which is worth another try, after the patience
   */
  public static <T> T holding(Path file, Duration patience, Runnable waiting, Action<T> action)
      throws IOException {
    Files.createDirectories(file.getParent());
    // Closing the channel gives the lock back.
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      long deadline = System.nanoTime() + patience.toNanos();
      while (tryLock(channel) == null) {
        if (System.nanoTime() > deadline) {
          throw new StillpointException(
              ErrorCode.PROVIDER_FAILED,
              "other work on the same member still holds %s after %d s"
                  .formatted(file, patience.toSeconds()),
              "wait until it has ended, or restart the node agent");
        }
        waiting.run();
        Thread.sleep(RETRY_MILLIS);
      }
      return action.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + file, e);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by another thread of this process.
      return null;
    }
  }
}
