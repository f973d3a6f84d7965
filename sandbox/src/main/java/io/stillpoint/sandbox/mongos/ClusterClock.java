package io.stillpoint.sandbox.mongos;

import org.bson.BsonDocument;
import org.bson.BsonTimestamp;

/** The highest {@code $clusterTime} that any shard has told; passed on unchanged. */
final class ClusterClock {
  private BsonDocument highest;

  /** Learns from a shard's reply. A client's time is not learnt: the shard has to accept it. */
  synchronized void learn(BsonDocument reply) {
    highest = later(highest, reply.get("$clusterTime") == null ? null : time(reply));
  }

  /** Puts the later of the client's time and ours into a command. */
  synchronized void stamp(BsonDocument command) {
    BsonDocument latest =
        later(highest, command.containsKey("$clusterTime") ? time(command) : null);
    if (latest != null) {
      command.put("$clusterTime", latest);
    }
  }

  /** The highest time, or null before any shard was asked. */
  synchronized BsonDocument highest() {
    return highest;
  }

  private static BsonDocument time(BsonDocument message) {
    return message.getDocument("$clusterTime");
  }

  private static BsonDocument later(BsonDocument a, BsonDocument b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return timestamp(b).compareTo(timestamp(a)) > 0 ? b : a;
  }

  private static BsonTimestamp timestamp(BsonDocument clusterTime) {
    return clusterTime.getTimestamp("clusterTime");
  }
}
