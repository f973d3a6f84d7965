package io.stillpoint.mongo;

import io.stillpoint.model.ClusterTime;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNumber;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/** Reads the oplog of one member, by time ranges (after, upTo]. */
public final class OplogReader {

  private final ServerConnection server;

  /**
   * @param server with a generous read timeout: a range may hold a minute's worth of a busy oplog
   */
  public OplogReader(ServerConnection server) {
    this.server = server;
  }

  /** The newest entry that is not after the time; ZERO if there is none. */
  public ClusterTime lastEntry(ClusterTime upTo) {
    return first(new BsonDocument("ts", new BsonDocument("$lte", stamp(upTo))), -1);
  }

  /** The time of the oldest entry that is still there. */
  public ClusterTime oldest() {
    return first(new BsonDocument(), 1);
  }

  /**
   * The number of entries in (after, upTo]. A hole in the journal shows as a smaller number, even
   * where the end looks right (measured: a missing first journal file).
   */
  public long count(ClusterTime after, ClusterTime upTo) {
    BsonArray pipeline =
        new BsonArray(
            List.of(
                new BsonDocument("$match", new BsonDocument("ts", range(after, upTo))),
                new BsonDocument("$count", new BsonString("entries"))));
    return server
        .aggregate(
            "local",
            new BsonDocument("aggregate", new BsonString("oplog.rs"))
                .append("pipeline", pipeline)
                .append("cursor", new BsonDocument()))
        .stream()
        .findFirst()
        .map(d -> BsonFields.integer(d, "entries"))
        .orElse(0L);
  }

  /** The entries in (after, upTo] that write one of the namespaces, oldest first. */
  public List<BsonDocument> writes(
      List<String> namespaces, ClusterTime after, ClusterTime upTo, int limit) {
    BsonArray names = new BsonArray(namespaces.stream().map(BsonString::new).toList());
    BsonDocument in = new BsonDocument("$in", names);
    BsonArray either =
        new BsonArray(List.of(new BsonDocument("ns", in), new BsonDocument("o.applyOps.ns", in)));
    return server.find(
        "local",
        new BsonDocument("find", new BsonString("oplog.rs"))
            .append("filter", new BsonDocument("ts", range(after, upTo)).append("$or", either))
            .append("limit", new BsonInt32(limit)));
  }

  /** The election term of the entry at the time; -1 if there is none or it names none. */
  public long termAt(ClusterTime time) {
    return server
        .findOne("local", "oplog.rs", new BsonDocument("ts", stamp(time)))
        .flatMap(e -> BsonFields.number(e, "t"))
        .map(BsonNumber::longValue)
        .orElse(-1L);
  }

  /** The entries after the time, oldest first. */
  public List<BsonDocument> after(ClusterTime time, int limit) {
    return server.find(
        "local",
        new BsonDocument("find", new BsonString("oplog.rs"))
            .append("filter", new BsonDocument("ts", new BsonDocument("$gt", stamp(time))))
            .append("limit", new BsonInt32(limit)));
  }

  private ClusterTime first(BsonDocument filter, int direction) {
    return server
        .find(
            "local",
            new BsonDocument("find", new BsonString("oplog.rs"))
                .append("filter", filter)
                .append("sort", new BsonDocument("$natural", new BsonInt32(direction)))
                .append("limit", new BsonInt32(1)))
        .stream()
        .findFirst()
        .map(e -> BsonFields.time(e, "ts"))
        .orElse(ClusterTime.ZERO);
  }

  private static BsonDocument range(ClusterTime after, ClusterTime upTo) {
    return new BsonDocument("$gt", stamp(after)).append("$lte", stamp(upTo));
  }

  private static BsonTimestamp stamp(ClusterTime time) {
    return BsonFields.timestamp(time);
  }
}
