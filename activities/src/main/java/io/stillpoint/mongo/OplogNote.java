package io.stillpoint.mongo;

import com.mongodb.client.ClientSession;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * Moves an idle replica set past a cluster time. The note is only of use together with the highest
 * $clusterTime seen, passed on unchanged: measured on 4.4.6-8, a single note without it delays the
 * set by 12 to 19 seconds.
 */
final class OplogNote {

  private static final int WAIT_MILLIS = 5000;

  private OplogNote() {}

  /**
   * @param clusterTime a $clusterTime document as a server sent it; empty if there was none
   */
  static void append(ServerConnection primary, BsonDocument clusterTime) {
    BsonDocument durable =
        new BsonDocument("w", new BsonString("majority"))
            .append("j", BsonBoolean.TRUE)
            .append("wtimeout", new BsonInt32(WAIT_MILLIS));
    try (ClientSession session = primary.gossip(clusterTime)) {
      primary.run(
          session,
          "admin",
          new BsonDocument("appendOplogNote", new BsonInt32(1))
              .append("data", new BsonDocument("stillpoint", new BsonString("consistent point")))
              .append("writeConcern", durable));
    }
  }
}
