package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** The cluster's metadata, in the ordinary collections of the config server's database config. */
final class Catalog {
  private static final BsonDocument MAJORITY = doc("w", "majority", "wtimeout", 30_000);

  private static final long LONGEST_CACHED_NANOS = 5_000_000_000L;

  private final ReplicaSetClient config;
  private final Map<String, Optional<ShardedCollection>> collections = new ConcurrentHashMap<>();
  private final Map<String, String> primaryShards = new ConcurrentHashMap<>();
  private volatile Map<String, String> shards = Map.of();
  private volatile long readAt = System.nanoTime();

  Catalog(ReplicaSetClient config) {
    this.config = config;
  }

  /** Forgets what was read, so that the next question asks the config server. */
  void refresh() {
    readAt = System.nanoTime();
    collections.clear();
    primaryShards.clear();
    shards = Map.of();
  }

  /** A restore may change the metadata behind a running router's back. */
  private void refreshIfOld() {
    if (System.nanoTime() - readAt > LONGEST_CACHED_NANOS) {
      refresh();
    }
  }

  /** Shard id to {@code set/host:port,...}. */
  Map<String, String> shards() {
    refreshIfOld();
    Map<String, String> known = shards;
    if (known.isEmpty()) {
      Map<String, String> read = new LinkedHashMap<>();
      for (BsonDocument shard : find("shards", doc(), doc("_id", 1))) {
        read.put(shard.getString("_id").getValue(), shard.getString("host").getValue());
      }
      known = read;
      shards = read;
    }
    return known;
  }

  /** The collection's chunks; empty if it is not sharded. */
  Optional<ShardedCollection> sharded(String namespace) {
    refreshIfOld();
    Optional<ShardedCollection> known = collections.get(namespace);
    if (known == null) {
      known = readSharded(namespace);
      collections.put(namespace, known);
    }
    return known;
  }

  private Optional<ShardedCollection> readSharded(String namespace) {
    return find("collections", doc("_id", namespace, "dropped", doc("$ne", true)), doc()).stream()
        .findFirst()
        .map(
            collection -> {
              List<BsonDocument> chunks = find("chunks", chunksOf(collection), doc("min", 1));
              if (chunks.isEmpty()) {
                throw new CommandException(
                    125, "CommandFailed", "no chunks found for collection " + namespace);
              }
              return ShardedCollection.of(collection, chunks);
            });
  }

  /** Chunks name their collection by namespace up to 4.4 and by UUID later. */
  static BsonDocument chunksOf(BsonDocument collection) {
    return doc(
        "$or",
        new BsonArray(
            List.of(doc("ns", collection.get("_id")), doc("uuid", collection.get("uuid")))));
  }

  /** The shard with a database's unsharded collections; empty if there is no such database. */
  Optional<String> primaryShard(String db) {
    String known = primaryShards.get(db);
    if (known == null) {
      List<BsonDocument> found = find("databases", doc("_id", db), doc());
      if (found.isEmpty()) {
        return Optional.empty();
      }
      known = found.get(0).getString("primary").getValue();
      primaryShards.put(db, known);
    }
    return Optional.of(known);
  }

  List<BsonDocument> find(String collection, BsonDocument filter, BsonDocument sort) {
    BsonDocument command =
        doc("find", collection, "filter", filter, "batchSize", 100_000, "singleBatch", true);
    if (!sort.isEmpty()) {
      command.put("sort", sort);
    }
    BsonDocument reply = run(command);
    List<BsonDocument> documents = new ArrayList<>();
    for (BsonValue each : reply.getDocument("cursor").getArray("firstBatch")) {
      documents.add(each.asDocument());
    }
    return documents;
  }

  void insert(String collection, List<BsonDocument> documents) {
    write(doc("insert", collection, "documents", new BsonArray(documents)));
  }

  void upsert(String collection, BsonDocument filter, BsonDocument update) {
    BsonDocument one = doc("q", filter, "u", update, "upsert", true, "multi", false);
    write(doc("update", collection, "updates", new BsonArray(List.of(one))));
  }

  void delete(String collection, BsonDocument filter) {
    BsonDocument all = doc("q", filter, "limit", 0);
    write(doc("delete", collection, "deletes", new BsonArray(List.of(all))));
  }

  private void write(BsonDocument command) {
    command.put("writeConcern", MAJORITY);
    BsonDocument reply = run(command);
    if (reply.containsKey("writeErrors")) {
      BsonDocument error = reply.getArray("writeErrors").get(0).asDocument();
      throw new CommandException(
          error.getNumber("code").intValue(),
          error.getNumber("code").intValue() == 11000 ? "DuplicateKey" : "WriteError",
          error.getString("errmsg").getValue());
    }
    if (reply.containsKey("writeConcernError")) {
      BsonDocument error = reply.getDocument("writeConcernError");
      throw new CommandException(
          error.getNumber("code").intValue(), "WriteConcernFailed", error.toJson());
    }
  }

  private BsonDocument run(BsonDocument command) {
    BsonDocument reply = config.send("config", command, true).body();
    if (!Bson.isOk(reply)) {
      throw CommandException.of(reply);
    }
    return reply;
  }
}
