package io.stillpoint.host;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Reads in a server's log that its first ordinary start truncated the oplog exactly as it had to.
 */
final class StartProof {

  private StartProof() {}

  /**
   * @param since how far the log was when the data was recovered; earlier starts do not count
   * @param actual where the server that runs says that it logs to, if it can be seen
   * @param expected where it had to truncate: at the point, or not at all if it was replayed before
   * @throws StillpointException POINT_NOT_PROVEN
   */
  static void require(
      MongodLog log,
      String member,
      Optional<Path> actual,
      LogMark since,
      List<ClusterTime> expected) {
    require(log, member, actual, () -> log.starts(since), expected);
  }

  /**
   * As {@link #require(MongodLog, String, Optional, LogMark, List)}, by the clock of the host: for
   * data that an agent of an older build recovered.
   */
  static void require(
      MongodLog log,
      String member,
      Optional<Path> actual,
      Instant since,
      List<ClusterTime> expected) {
    require(log, member, actual, () -> log.starts(since), expected);
  }

  /** Reads the starts that count. */
  private interface Reading {
    List<List<MongodLog.Line>> starts() throws IOException;
  }

  private static void require(
      MongodLog log,
      String member,
      Optional<Path> actual,
      Reading reading,
      List<ClusterTime> expected) {
    List<List<MongodLog.Line>> starts;
    try {
      starts = reading.starts();
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.POINT_NOT_PROVEN,
          "log %s of %s cannot be read: %s".formatted(log.file(), member, e),
          "let the node agent's user read it; the old data is put back, and the backup may be good",
          e);
    }
    if (starts.isEmpty()) {
      throw new StillpointException(
          ErrorCode.POINT_NOT_PROVEN,
          Files.exists(log.file())
              ? "log %s shows no start of %s since its data was recovered"
                  .formatted(log.file(), member)
              : "there is no log %s that could prove the start of %s".formatted(log.file(), member),
          "%s: correct log-path, arguments or config-file of the member in the node agent's configuration; the old data is put back, and the backup may be good"
              .formatted(
                  actual
                      .map(a -> "the server logs to " + a)
                      .orElse("that is not where the server logs to")));
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
