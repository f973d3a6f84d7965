package io.stillpoint.mongo;

import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Extends a backup cursor to the consistent point. The server waits for the point while holding a
 * lock that blocks serverStatus and killCursors, and servers before 7.0 abort when that wait is
 * interrupted; so the point is awaited by polling first, and extend then returns at once.
 */
public final class CursorExtension {

  private static final Logger LOG = LoggerFactory.getLogger(CursorExtension.class);
  private static final Duration NOTE_AGAIN = Duration.ofSeconds(1);

  private final MongoConnections connections;
  private final FileLists lists;
  private final Duration deadline;

  public CursorExtension(MongoConnections connections, FileLists lists) {
    this(connections, lists, Duration.ofSeconds(60));
  }

  /**
   * @param deadline how long the member may take to reach the point
   */
  public CursorExtension(MongoConnections connections, FileLists lists, Duration deadline) {
    this.connections = connections;
    this.lists = lists;
    this.deadline = deadline;
  }

  /**
   * Returns the cursor's file list with the journal files up to the point. May run twice, also at
   * once.
   *
   * @param goOn called while the point is awaited; may throw to give up, which is safe only then
   * @throws StillpointException POINT_NOT_REACHED, CURSOR_LOST
   */
  public FileListRef extend(OpenRequest request, BackupCursor cursor, Point point, Runnable goOn) {
    awaitPoint(cursor, point, goOn);
    List<String> journal = extend(cursor, point.time());
    // Extend tells no sizes; a file that was listed before keeps the one it had.
    List<FileEntry> more =
        journal.stream()
            .map(file -> new FileEntry(FileListDrain.relative(cursor.dbPath(), file), 0))
            .toList();
    return lists.append(request.operation(), cursor.set(), request.attempt(), cursor.files(), more);
  }

  private void awaitPoint(BackupCursor cursor, Point point, Runnable goOn) {
    ServerConnection member = connections.server(cursor.cluster(), cursor.member());
    Backoff deadlineBackoff = new Backoff(Duration.ofMillis(2), Duration.ofMillis(20), deadline);
    BsonDocument optimes = optimes(member, cursor);
    if (isReached(optimes, point.time())) {
      return;
    }
    push(cursor, member, point);
    long notedAt = System.nanoTime();
    while (!isReached(optimes = optimes(member, cursor), point.time())) {
      goOn.run();
      if (!deadlineBackoff.pause()) {
        throw notReached(cursor, point.time(), optimes);
      }
      if (System.nanoTime() - notedAt > NOTE_AGAIN.toNanos()) {
        push(cursor, member, point);
        notedAt = System.nanoTime();
      }
    }
  }

  /** Without a note the set still reaches the point by itself, only some ten seconds later. */
  private void push(BackupCursor cursor, ServerConnection member, Point point) {
    try {
      String primary = BsonFields.string(member.hello(), "primary");
      if (primary.isEmpty()) {
        return;
      }
      ServerConnection writer = connections.server(cursor.cluster(), primary);
      BsonDocument clusterTime = ExtendedJson.read(point.clusterTime());
      OplogNote.append(writer, clusterTime);
      if (!primary.equals(cursor.member())) {
        // A secondary learns the commit point with the next entry; alone it would take a heartbeat.
        OplogNote.append(writer, clusterTime);
      }
    } catch (StillpointException e) {
      LOG.warn("set {} was not moved past {}: {}", cursor.set(), point.time(), e.getMessage());
    }
  }

  private List<String> extend(BackupCursor cursor, ClusterTime point) {
    BsonDocument parameters =
        new BsonDocument("backupId", new BsonBinary(UUID.fromString(cursor.cursorBackupId())))
            .append("timestamp", BsonFields.timestamp(point));
    BsonDocument stage = new BsonDocument("$backupCursorExtend", parameters);
    try {
      return connections
          .patientServer(cursor.cluster(), cursor.member())
          .aggregate(
              "admin",
              new BsonDocument("aggregate", new BsonInt32(1))
                  .append("pipeline", new BsonArray(List.of(stage)))
                  .append("cursor", new BsonDocument()))
          .stream()
          .map(d -> BsonFields.string(d, "filename"))
          .toList();
    } catch (StillpointException e) {
      int code = ServerErrors.codeOf(e);
      if (code == ServerErrors.CURSOR_NOT_OPEN_OR_BUSY || code == ServerErrors.OTHER_BACKUP) {
        throw CursorErrors.lost(cursor, "it could not be extended: " + e.getMessage(), e);
      }
      throw e;
    }
  }

  /** A member that has left its set reaches no point any more. */
  private static BsonDocument optimes(ServerConnection member, BackupCursor cursor) {
    try {
      return BsonFields.document(member.admin("replSetGetStatus"), "optimes");
    } catch (StillpointException e) {
      if (ServerErrors.isOutOfSet(e)) {
        throw CursorErrors.lost(cursor, e.getMessage(), e);
      }
      throw e;
    }
  }

  /** Committed by the majority, applied here and in this member's journal on disk. */
  private static boolean isReached(BsonDocument optimes, ClusterTime point) {
    return Stream.of("lastCommittedOpTime", "appliedOpTime", "durableOpTime")
        .noneMatch(name -> point.isAfter(BsonFields.time(optimes, name)));
  }

  private StillpointException notReached(
      BackupCursor cursor, ClusterTime point, BsonDocument optimes) {
    return new StillpointException(
        ErrorCode.POINT_NOT_REACHED,
        "%s did not reach the consistent point %s within %d s: committed %s, applied %s, durable %s"
            .formatted(
                cursor.member(),
                point,
                deadline.toSeconds(),
                BsonFields.time(optimes, "lastCommittedOpTime"),
                BsonFields.time(optimes, "appliedOpTime"),
                BsonFields.time(optimes, "durableOpTime")),
        "check that set '%s' has a primary and a majority of its members, and the member's lag"
            .formatted(cursor.set()));
  }
}
