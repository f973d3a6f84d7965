package io.stillpoint.sandbox.load;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoCursor;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;

/**
 * Computes from the oplogs of a running cluster which documents it had at a cluster time. Holds all
 * these documents in memory: meant for some 200,000 of them.
 */
public final class OplogOracle {
  private static final int BATCH = 5_000;

  private final List<String> shardUris;

  /**
   * @param shardUris one connection string per shard, of its replica set or of one member that has
   *     everything up to the time that will be asked for
   */
  public OplogOracle(List<String> shardUris) {
    this.shardUris = List.copyOf(shardUris);
  }

  /** One shard's oplog, read in order. */
  private static final class Reader implements AutoCloseable {
    private final String shard;
    private final MongoClient client;
    private final MongoCursor<BsonDocument> cursor;
    private BsonDocument head;

    Reader(String shard, BsonTimestamp time) {
      this.shard = shard;
      this.client = MongoClients.create(shard);
      this.cursor =
          oplog(client)
              .find(Filters.lte("ts", time))
              .sort(Sorts.ascending("$natural"))
              .batchSize(BATCH)
              .iterator();
      advance();
      if (head == null) {
        close();
        throw new IllegalStateException(
            "the oplog of %s holds nothing up to %s: it is too small for what was written since"
                .formatted(shard, time));
      }
    }

    void advance() {
      head = cursor.hasNext() ? cursor.next() : null;
    }

    BsonTimestamp time() {
      return head.getTimestamp("ts");
    }

    @Override
    public void close() {
      cursor.close();
      client.close();
    }
  }

  /**
   * @throws IllegalStateException if an oplog does not reach back to the creation of a namespace,
   *     or not even to the time
   */
  public ExpectedDocuments at(BsonTimestamp time, Set<String> namespaces) {
    OplogReplay replay = new OplogReplay(time, namespaces, commits());
    List<Reader> readers = new ArrayList<>();
    try {
      for (String uri : shardUris) {
        Reader reader = new Reader(uri, time);
        readers.add(reader);
      }
      PriorityQueue<Reader> queue = new PriorityQueue<>(Comparator.comparing(Reader::time));
      queue.addAll(readers);
      while (!queue.isEmpty()) {
        Reader first = queue.poll();
        replay.apply(first.shard, first.head);
        first.advance();
        if (first.head != null) {
          queue.add(first);
        }
      }
    } finally {
      readers.forEach(Reader::close);
    }
    return new ExpectedDocuments(time, replay.documents());
  }

  /** A prepared transaction's commit may be later than the time asked for and still count. */
  private Map<OplogReplay.TransactionKey, BsonTimestamp> commits() {
    Map<OplogReplay.TransactionKey, BsonTimestamp> commits = new HashMap<>();
    for (String uri : shardUris) {
      try (MongoClient client = MongoClients.create(uri)) {
        for (BsonDocument entry :
            oplog(client)
                .find(Filters.and(Filters.eq("op", "c"), Filters.exists("o.commitTransaction")))) {
          commits.put(
              OplogReplay.TransactionKey.of(entry),
              entry.getDocument("o").getTimestamp("commitTimestamp"));
        }
      }
    }
    return commits;
  }

  private static MongoCollection<BsonDocument> oplog(MongoClient client) {
    return client.getDatabase("local").getCollection("oplog.rs", BsonDocument.class);
  }
}
