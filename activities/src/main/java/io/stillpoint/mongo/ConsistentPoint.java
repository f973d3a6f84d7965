package io.stillpoint.mongo;

import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonDocument;

/**
 * Chooses the cluster time that every set is restored to: the highest majority optime over the
 * members, read after all cursors are open.
 */
public final class ConsistentPoint {

  private static final int ROUNDS = 5;

  /** What one member said. */
  private record View(BackupCursor cursor, BsonDocument hello) {

    ClusterTime earliestPoint() {
      return Stream.of(
              BsonFields.time(hello, "lastWrite.majorityOpTime"),
              cursor.oplogEnd(),
              cursor.oplogStart(),
              cursor.checkpoint())
          .reduce(ClusterTime.ZERO, ClusterTime::max);
    }

    BsonDocument clusterTime() {
      return BsonFields.document(hello, "$clusterTime");
    }

    String primary() {
      return BsonFields.string(hello, "primary");
    }

    boolean onConfigServer() {
      return BsonFields.value(hello, "configsvr").isPresent();
    }
  }

  private final MongoConnections connections;
  private final ParallelCalls calls;

  public ConsistentPoint(MongoConnections connections, ParallelCalls calls) {
    this.connections = connections;
    this.calls = calls;
  }

  /**
   * Any later point serves as well, so calling it again while the cursors stay open is fine.
   *
   * @throws StillpointException MONGO_UNREACHABLE, POINT_NOT_REACHED (retryable)
   */
  public Point fix(String cluster, List<BackupCursor> cursors) {
    for (int round = 0; round < ROUNDS; round++) {
      List<View> views = calls.map(cursors, this::view);
      ClusterTime point =
          views.stream().map(View::earliestPoint).reduce(ClusterTime.ZERO, ClusterTime::max);
      BsonDocument clusterTime = highest(views);
      List<View> atCheckpoint =
          views.stream().filter(v -> v.cursor().checkpoint().equals(point)).toList();
      if (atCheckpoint.isEmpty()) {
        return new Point(point, toJson(clusterTime), inFlight(cluster, views));
      }
      // Recovery cannot truncate the oplog at a checkpoint, only after it.
      calls.each(
          atCheckpoint,
          v -> OplogNote.append(connections.server(cluster, v.primary()), clusterTime));
    }
    throw new StillpointException(
        ErrorCode.POINT_NOT_REACHED,
        "the cluster time did not move past the checkpoints of the open cursors",
        "it is tried again; look whether the sets have a primary that can write with majority");
  }

  private View view(BackupCursor cursor) {
    BsonDocument hello = connections.server(cursor.cluster(), cursor.member()).hello();
    String set = BsonFields.string(hello, "setName");
    if (!set.equals(cursor.set()) || BsonFields.string(hello, "primary").isEmpty()) {
      throw new StillpointException(
          ErrorCode.POINT_NOT_REACHED,
          "%s is in set '%s' and sees the primary '%s', but set '%s' with a primary is needed"
              .formatted(cursor.member(), set, BsonFields.string(hello, "primary"), cursor.set()),
          "it is tried again once the set has elected a primary");
    }
    return new View(cursor, hello);
  }

  private List<String> inFlight(String cluster, List<View> views) {
    boolean sharded = views.stream().anyMatch(View::onConfigServer);
    return calls
        .map(
            views,
            v -> {
              ServerConnection primary = connections.server(cluster, v.primary());
              List<String> found = new ArrayList<>();
              if (v.onConfigServer()) {
                found.addAll(InFlightReader.onConfigServer(primary));
              }
              if (sharded) {
                found.addAll(InFlightReader.onShard(primary, v.cursor().set()));
              }
              found.addAll(InFlightReader.versionChange(primary, v.cursor().set()));
              return found;
            })
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static BsonDocument highest(List<View> views) {
    return views.stream()
        .map(View::clusterTime)
        .max(Comparator.comparing(t -> BsonFields.time(t, "clusterTime")))
        .orElseGet(BsonDocument::new);
  }

  private static String toJson(BsonDocument clusterTime) {
    return clusterTime.isEmpty() ? "" : ExtendedJson.write(clusterTime);
  }
}
