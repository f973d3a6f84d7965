package io.stillpoint.sandbox.load;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;

/** The documents of some collections at one cluster time. */
public final class ExpectedDocuments {
  private static final int EXAMPLES = 5;

  private final BsonTimestamp time;
  private final Map<String, Map<BsonValue, RawBsonDocument>> collections;

  ExpectedDocuments(BsonTimestamp time, Map<String, Map<BsonValue, RawBsonDocument>> collections) {
    this.time = time;
    this.collections = collections;
  }

  public BsonTimestamp time() {
    return time;
  }

  public long count() {
    return collections.values().stream().mapToLong(Map::size).sum();
  }

  /** By {@code _id}. */
  public Map<BsonValue, RawBsonDocument> documents(String namespace) {
    return collections.get(namespace);
  }

  /**
   * Reads every document and compares.
   *
   * @param uri of a mongos, a replica set or one member; for a member add {@code directConnection}
   *     and a read preference that allows it
   */
  public Comparison compare(String uri) {
    try (MongoClient client = MongoClients.create(uri)) {
      return compare(client);
    }
  }

  public Comparison compare(MongoClient client) {
    Count count = new Count();
    collections.forEach((namespace, documents) -> compare(client, namespace, documents, count));
    return new Comparison(
        count(), count.restored, count.missing, count.unexpected, count.different, count.examples);
  }

  private static final class Count {
    private long restored;
    private long missing;
    private long unexpected;
    private long different;
    private final List<String> examples = new ArrayList<>();

    private void example(String kind, String namespace, BsonValue id) {
      if (examples.stream().filter(each -> each.startsWith(kind)).count() < EXAMPLES) {
        examples.add(kind + " " + namespace + " " + id);
      }
    }
  }

  private static void compare(
      MongoClient client,
      String namespace,
      Map<BsonValue, RawBsonDocument> documents,
      Count count) {
    MongoNamespace name = new MongoNamespace(namespace);
    Map<BsonValue, RawBsonDocument> left = new HashMap<>(documents);
    for (BsonDocument found :
        client
            .getDatabase(name.getDatabaseName())
            .getCollection(name.getCollectionName(), BsonDocument.class)
            .find()
            .batchSize(1_000)) {
      count.restored++;
      BsonValue id = found.get("_id");
      RawBsonDocument expected = left.remove(id);
      if (expected == null) {
        // An orphan that is shown beside its owner's copy comes here too.
        count.unexpected++;
        count.example("unexpected", namespace, id);
      } else if (!expected.equals(found)) {
        count.different++;
        count.example("different", namespace, id);
      }
    }
    count.missing += left.size();
    left.keySet().forEach(id -> count.example("missing", namespace, id));
  }
}
