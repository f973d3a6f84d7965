package io.stillpoint.client;

import java.time.Duration;

/**
 * How far one running copy is, by its last heartbeat.
 *
 * @param attempt 1 for the first try; more means that it was resumed
 * @param checking what was copied is read once more, counted anew
 * @param lastFailure why the try before ended, empty if there was none
 * @param running for how long this try has run
 */
public record CopyProgress(
    int attempt,
    long doneBytes,
    long totalBytes,
    long doneFiles,
    long totalFiles,
    boolean checking,
    String lastFailure,
    Duration running) {

  /** 0 to 100; 0 while the size is not known. */
  public int percent() {
    return totalBytes <= 0 ? 0 : (int) Math.min(100, doneBytes * 100 / totalBytes);
  }
}
