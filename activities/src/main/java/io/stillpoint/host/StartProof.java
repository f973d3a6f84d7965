package io.stillpoint.host;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * Reads in a server's log that its first ordinary start truncated the oplog exactly as it had to.
 */
final class StartProof {

  private StartProof() {}

  /**
   * @param since how far the log was when the data was recovered; earlier starts do not count
   * @param expected where it had to truncate: at the point, or not at all if it was replayed before
   * @throws StillpointException POINT_NOT_PROVEN
   */
  static void require(MongodLog log, String member, LogMark since, List<ClusterTime> expected) {
    require(log, member, () -> log.starts(since), expected);
  }

  /**
   * As {@link #require(MongodLog, String, LogMark, List)}, by the clock of the host: for data that
   * an agent of an older build recovered.
   */
  static void require(MongodLog log, String member, Instant since, List<ClusterTime> expected) {
    require(log, member, () -> log.starts(since), expected);
  }

  /** Reads the starts that count. */
  private interface Reading {
    List<List<MongodLog.Line>> starts() throws IOException;
  }

  private static void require(
      MongodLog log, String member, Reading reading, List<ClusterTime> expected) {
    List<List<MongodLog.Line>> starts;
    try {
      starts = reading.starts();
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.POINT_NOT_PROVEN,
          "log %s of %s cannot be read: %s".formatted(log.file(), member, e),
          "set log-path of the member in the node agent's configuration",
          e);
    }
    if (starts.isEmpty()) {
      throw new StillpointException(
          ErrorCode.POINT_NOT_PROVEN,
          "log %s shows no start of %s since its data was recovered".formatted(log.file(), member),
          "set log-path of the member in the node agent's configuration");
    }
    starts.forEach(start -> Recovery.refuseWrongEnd(start, member));
    // A later restart has nothing left to truncate, so the first start must have done it.
    List<ClusterTime> truncations =
        starts.get(0).stream()
            .filter(line -> line.id() == MongodLog.TRUNCATING)
            .flatMap(line -> line.timestamp("oplogTruncateAfterPoint").stream())
            .toList();
    if (!truncations.equals(expected)) {
      throw Recovery.notProven(
          "first start of %s truncated its oplog after %s, it should have after %s"
              .formatted(member, truncations, expected));
    }
  }
}
