package io.stillpoint.cloud;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells a snapshot that does not show yet from one that is gone: the first is seen within a bounded
 * time. The memory is this process's own; another worker begins to count anew.
 */
public final class Absences {

  private final Pacer pacer;
  private final Duration limit;
  private final Map<String, Instant> missingSince = new ConcurrentHashMap<>();

  public Absences(Pacer pacer, Duration limit) {
    this.pacer = pacer;
    this.limit = limit;
  }

  /**
   * @throws StillpointException SNAPSHOT_FAILED if it has been missing for longer than the limit
   */
  public void note(String snapshot, boolean seen) {
    if (seen) {
      missingSince.remove(snapshot);
      return;
    }
    Instant since = missingSince.computeIfAbsent(snapshot, id -> pacer.now());
    if (Duration.between(since, pacer.now()).compareTo(limit) > 0) {
      missingSince.remove(snapshot);
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FAILED,
          "snapshot %s was cut, but the cloud has not shown it for %d s"
              .formatted(snapshot, limit.toSeconds()),
          "somebody may have deleted it; start another backup");
    }
  }
}
