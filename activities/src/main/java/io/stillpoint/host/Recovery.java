package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.RecoverReport;
import io.stillpoint.activity.NodeActivities.RecoverRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.mongo.OplogReader;
import io.stillpoint.mongo.StandaloneEditor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * Recovers swapped-in data with one temporary start, and proves that it holds everything up to the
 * point. Every step may be repeated on data that was recovered before.
 */
final class Recovery {

  private final NodeSettings settings;
  private final Path directory;

  /**
   * @param directory of the restore
   */
  Recovery(NodeSettings settings, Path directory) {
    this.settings = settings;
    this.directory = directory;
  }

  /**
   * @param beat called often while this waits
   * @param guard runs work that cannot call it
   */
  RecoverReport run(RecoverRequest request, Runnable beat, BeatGuard guard) {
    TemporaryMongod mongod = new TemporaryMongod(settings, directory);
    mongod.endLeftover(beat);
    try {
      mongod.start(beat);
      ClusterTime recovered = requireCheckpoint(mongod.log(), request.checkpoint());
      RecoverReport report = guard.during(() -> proveAndEdit(mongod.address(), request, recovered));
      mongod.awaitCleanEnd(beat);
      return report;
    } catch (StillpointException e) {
      throw mongod.explain(e);
    } finally {
      mongod.end(() -> {});
    }
  }

  private static RecoverReport proveAndEdit(
      String address, RecoverRequest request, ClusterTime recovered) {
    try (StandaloneEditor editor = new StandaloneEditor(address)) {
      OplogReader oplog = editor.oplog();
      ClusterTime last = oplog.lastEntry(request.point());
      long entries = oplog.count(request.checkpoint(), request.point());
      if (!last.equals(request.lastEntry()) || entries != request.entries()) {
        throw notProven(
            "oplog of %s ends at %s with %d entries since the checkpoint, the manifest has %s and %d"
                .formatted(
                    request.member(), last, entries, request.lastEntry(), request.entries()));
      }
      editor.rewrite(
          new StandaloneEditor.Addresses(
              request.configuration(),
              request.configServer(),
              request.shardName(),
              request.shardHosts()),
          request.checkpoint(),
          request.point());
      editor.prepareReplay(request.point());
      editor.shutdown();
      return new RecoverReport(request.member(), recovered, last, entries);
    }
  }

  /** The data files must hold the backup cursor's checkpoint and no other. */
  private ClusterTime requireCheckpoint(MongodLog log, ClusterTime checkpoint) {
    List<MongodLog.Line> lines = lines(log);
    refuseWrongEnd(lines, settings.address());
    ClusterTime recovered =
        lines.stream()
            .filter(line -> line.id() == MongodLog.RECOVERY_TIMESTAMP)
            .reduce((first, second) -> second)
            .flatMap(line -> line.timestamp("recoveryTimestamp"))
            .orElseThrow(
                () ->
                    notProven(
                        "log %s shows no recovery timestamp (id %d), the manifest has checkpoint %s"
                            .formatted(log.file(), MongodLog.RECOVERY_TIMESTAMP, checkpoint)));
    if (!recovered.equals(checkpoint)) {
      throw notProven(
          "data of %s was recovered from checkpoint %s, the manifest has %s"
              .formatted(settings.address(), recovered, checkpoint));
    }
    return recovered;
  }

  private static List<MongodLog.Line> lines(MongodLog log) {
    try {
      return log.since(Instant.EPOCH);
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.POINT_NOT_PROVEN,
          "log %s cannot be read: %s".formatted(log.file(), e),
          "let the node agent's user read it, then resume",
          e);
    }
  }

  /** Refuses a start that discarded the backup's checkpoint or truncated at another point. */
  static void refuseWrongEnd(List<MongodLog.Line> lines, String member) {
    for (MongodLog.Line line : lines) {
      if (line.id() == MongodLog.BACKUP_METADATA_DELETED
          || line.id() == MongodLog.TRUNCATING_ELSEWHERE) {
        throw notProven(
            "mongod of %s logged id %d %s, so its data is not at the point"
                .formatted(member, line.id(), line.attributes()));
      }
    }
  }

  static StillpointException notProven(String message) {
    return new StillpointException(
        ErrorCode.POINT_NOT_PROVEN,
        message,
        "the old data is put back; use another backup: stillpoint list");
  }
}
