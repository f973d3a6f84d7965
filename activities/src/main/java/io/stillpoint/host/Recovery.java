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
 * Recovers swapped-in data and proves that it holds everything up to the point. One temporary start
 * is enough, because the ordinary start then truncates and replays, unless the cluster gets other
 * shard ids: these are also in documents that replay writes, so it must be over before they can be
 * rewritten, and they must be rewritten before the server is a shard again. Each method may be
 * repeated on data that it was done to before.
 */
final class Recovery {

  private final NodeSettings settings;
  private final Path directory;
  private final Runnable beat;
  private final BeatGuard guard;

  /**
   * @param directory of the restore
   * @param beat called often while this waits
   * @param guard runs work that cannot call it
   */
  Recovery(NodeSettings settings, Path directory, Runnable beat, BeatGuard guard) {
    this.settings = settings;
    this.directory = directory;
    this.beat = beat;
    this.guard = guard;
  }

  /** What is done to a temporary server once it answers; it asks the server to shut down. */
  @FunctionalInterface
  private interface Work<T> {
    T on(StandaloneEditor editor, MongodLog log);
  }

  /** The first start: everything that must be there before the oplog is replayed. */
  RecoverReport proveAndEdit(RecoverRequest request) {
    new BackupMetadata(settings.dataPath(), directory).makeStartable();
    return withServer(
        List.of(),
        (editor, log) -> {
          ClusterTime recovered = requireCheckpoint(log, request.checkpoint());
          requireEntries(editor.oplog(), request);
          editor.rewrite(
              new StandaloneEditor.Addresses(
                  request.configuration(),
                  request.configServer(),
                  request.shardName(),
                  request.shardHosts(),
                  request.shardIds()),
              request.checkpoint(),
              request.point());
          editor.prepareReplay(request.point(), request.newestTerm());
          boolean replayNow = !request.shardName().isEmpty() && !request.shardIds().isEmpty();
          return new RecoverReport(
              request.member(), recovered, request.lastEntry(), request.entries(), replayNow);
        });
  }

  /**
   * The second start, for other shard ids: truncates at the point and replays to it. The server
   * itself makes this safe to repeat, and refuses it on anything half done.
   */
  void replay(RecoverRequest request) {
    withServer(
        List.of("recoverFromOplogAsStandalone=true", "takeUnstableCheckpointOnShutdown=true"),
        (editor, log) -> {
          List<MongodLog.Line> lines = lines(log);
          refuseWrongEnd(lines, settings.address());
          if (lines.stream().noneMatch(line -> line.id() == MongodLog.REPLAYED_AS_STANDALONE)) {
            throw notProven(
                "log %s does not show (id %d) that the oplog was replayed"
                    .formatted(log.file(), MongodLog.REPLAYED_AS_STANDALONE));
          }
          requireEntries(editor.oplog(), request);
          requireEndOfOplog(editor.oplog(), request);
          return null;
        });
  }

  /** The third start, for other shard ids: writes them into what was replayed. */
  void rename(RecoverRequest request) {
    withServer(
        List.of(),
        (editor, log) -> {
          requireEntries(editor.oplog(), request);
          requireEndOfOplog(editor.oplog(), request);
          editor.shardDocuments().rename(request.shardIds());
          return null;
        });
  }

  private <T> T withServer(List<String> parameters, Work<T> work) {
    TemporaryMongod mongod = new TemporaryMongod(settings, directory);
    mongod.endLeftover(beat);
    try {
      mongod.start(parameters, beat);
      T result =
          guard.during(
              () -> {
                try (StandaloneEditor editor = new StandaloneEditor(mongod.address())) {
                  T done = work.on(editor, mongod.log());
                  editor.shutdown();
                  return done;
                }
              });
      mongod.awaitCleanEnd(beat);
      return result;
    } catch (StillpointException e) {
      throw mongod.explain(e);
    } finally {
      mongod.end(() -> {});
    }
  }

  private static void requireEntries(OplogReader oplog, RecoverRequest request) {
    ClusterTime last = oplog.lastEntry(request.point());
    long entries = oplog.count(request.checkpoint(), request.point());
    if (!last.equals(request.lastEntry()) || entries != request.entries()) {
      throw notProven(
          "oplog of %s ends at %s with %d entries since the checkpoint, the manifest has %s and %d"
              .formatted(request.member(), last, entries, request.lastEntry(), request.entries()));
    }
  }

  private static void requireEndOfOplog(OplogReader oplog, RecoverRequest request) {
    if (!oplog.after(request.point(), 1).isEmpty()) {
      throw notProven(
          "oplog of %s was replayed, but still goes on after %s"
              .formatted(request.member(), request.point()));
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
