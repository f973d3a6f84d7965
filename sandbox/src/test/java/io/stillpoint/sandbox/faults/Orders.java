package io.stillpoint.sandbox.faults;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import io.stillpoint.sandbox.cluster.LocalCluster;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/** The documents of a user, by which it is told whether anything was lost. */
final class Orders {

  private static final String PADDING = "x".repeat(2000);

  private final LocalCluster cluster;

  Orders(LocalCluster cluster) {
    this.cluster = cluster;
  }

  void add(String id) {
    add(List.of(id));
  }

  void add(List<String> ids) {
    try (MongoClient client = MongoClients.create(cluster.uri())) {
      for (String id : ids) {
        collection(client)
            .insertOne(
                new BsonDocument("_id", new BsonString(id))
                    .append("n", new BsonInt32(id.length()))
                    .append("padding", new BsonString(PADDING)));
      }
    }
  }

  Map<String, BsonDocument> all() {
    try (MongoClient client = MongoClients.create(cluster.uri())) {
      Map<String, BsonDocument> all = new TreeMap<>();
      collection(client).find().forEach(d -> all.put(d.getString("_id").getValue(), d));
      return all;
    }
  }

  private static MongoCollection<BsonDocument> collection(MongoClient client) {
    int dot = LocalCluster.SHARDED_COLLECTION.indexOf('.');
    return client
        .getDatabase(LocalCluster.SHARDED_COLLECTION.substring(0, dot))
        .getCollection(LocalCluster.SHARDED_COLLECTION.substring(dot + 1), BsonDocument.class);
  }
}
