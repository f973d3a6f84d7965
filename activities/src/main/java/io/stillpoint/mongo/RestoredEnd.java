package io.stillpoint.mongo;

import io.stillpoint.activity.ClusterActivities.EndPoint;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import java.util.List;
import org.bson.BsonDocument;

/** Compares the oplog of a restored, running member with what the manifest recorded. */
public final class RestoredEnd {

  private static final int ENTRIES_READ = 100;

  private final MongoConnections connections;

  public RestoredEnd(MongoConnections connections) {
    this.connections = connections;
  }

  /**
   * @throws StillpointException POINT_NOT_PROVEN
   */
  public void compare(EndPoint expected) {
    OplogReader oplog =
        new OplogReader(connections.patientServer(expected.cluster(), expected.member()));
    ClusterTime last = oplog.lastEntry(expected.point());
    if (!last.equals(expected.lastEntry())) {
      throw notProven(
          expected,
          "its last oplog entry up to the point is %s, the manifest says %s"
              .formatted(last, expected.lastEntry()));
    }
    long entries = oplog.count(expected.checkpoint(), expected.point());
    if (entries != expected.entries()) {
      throw notProven(
          expected,
          "it has %d oplog entries after checkpoint %s, the manifest says %d"
              .formatted(entries, expected.checkpoint(), expected.entries()));
    }
    refuseOldTerm(expected, oplog.after(expected.point(), ENTRIES_READ), oplog.termAt(last));
  }

  /**
   * What follows the point must have been written by the restored set itself, which begins with an
   * election and so with a new term. An entry of the old term came out of the snapshot: the oplog
   * was not truncated at the point.
   */
  private static void refuseOldTerm(EndPoint expected, List<BsonDocument> later, long term) {
    for (BsonDocument entry : later) {
      if (BsonFields.integer(entry, "t") <= term) {
        throw notProven(
            expected,
            "it still holds the source's oplog entry %s, which is after the point"
                .formatted(BsonFields.time(entry, "ts")));
      }
    }
  }

  private static StillpointException notProven(EndPoint expected, String fact) {
    return new StillpointException(
        ErrorCode.POINT_NOT_PROVEN,
        "%s was not restored exactly to %s: %s"
            .formatted(expected.member(), expected.point(), fact),
        "undo the restore; the snapshot is incomplete or was cut without its cursor");
  }
}
