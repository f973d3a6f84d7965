package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;
import static io.stillpoint.sandbox.mongos.Bson.isOk;
import static io.stillpoint.sandbox.mongos.Bson.number;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.types.ObjectId;

/** Commands that change collections, databases and their place on the shards. */
final class Ddl {
  private static final int NAMESPACE_NOT_FOUND = 26;

  private final Catalog catalog;
  private final ShardRegistry shards;
  private final Placement placement;
  private final DistributedLocks locks;
  private final boolean chunksByUuid;

  /**
   * @param chunksByUuid whether chunks name their collection by UUID, as from 5.0, or by namespace
   */
  Ddl(
      Catalog catalog,
      ShardRegistry shards,
      Placement placement,
      DistributedLocks locks,
      boolean chunksByUuid) {
    this.catalog = catalog;
    this.shards = shards;
    this.placement = placement;
    this.locks = locks;
    this.chunksByUuid = chunksByUuid;
  }

  BsonDocument enableSharding(Request request) {
    String db = request.command().getString(request.name()).getValue();
    String shard = placement.ofNewOrExisting(db);
    catalog.upsert(
        "databases", doc("_id", db), doc("$set", doc("primary", shard, "partitioned", true)));
    catalog.refresh();
    return Bson.ok();
  }

  /** Hashed keys of one field only, see {@link ShardedCollection}. */
  BsonDocument shardCollection(Request request) {
    String namespace = request.command().getString(request.name()).getValue();
    BsonDocument key = request.command().getDocument("key");
    if (key.size() != 1 || !key.get(key.getFirstKey()).equals(new BsonString("hashed"))) {
      throw new CommandException(
          2, "BadValue", "the simulated mongos shards by one hashed field only, not by " + key);
    }
    String db = namespace.substring(0, namespace.indexOf('.'));
    String collection = namespace.substring(db.length() + 1);
    if (catalog.sharded(namespace).isPresent()) {
      throw new CommandException(
          23, "AlreadyInitialized", "sharding already enabled for collection " + namespace);
    }
    locks.holding(namespace, "shardCollection", () -> shard(request, db, collection, key));
    catalog.refresh();
    return doc("collectionsharded", namespace, "ok", 1.0);
  }

  private void shard(Request request, String db, String collection, BsonDocument key) {
    String primary = placement.ofNewOrExisting(db);
    boolean empty = number(run(primary, db, doc("count", collection, "limit", 1)), "n", 0) == 0;
    List<String> owners = empty ? shards.ids() : List.of(primary);
    long count = empty ? number(request.command(), "numInitialChunks", 2L * owners.size()) : 1;
    BsonDocument index = doc("key", key, "name", key.getFirstKey() + "_hashed");
    for (String shard : owners) {
      BsonArray indexes = new BsonArray(List.of(index));
      run(shard, db, doc("createIndexes", collection, "indexes", indexes));
    }
    writeMetadata(db + "." + collection, key, owners, (int) count);
  }

  private void writeMetadata(String namespace, BsonDocument key, List<String> owners, int count) {
    BsonObjectId epoch = new BsonObjectId(new ObjectId());
    BsonValue uuid = Placement.uuid();
    List<BsonDocument> chunks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String field = key.getFirstKey();
      String shard = owners.get(i * owners.size() / count);
      BsonDocument chunk = doc("_id", new BsonObjectId(new ObjectId()));
      chunk.put(chunksByUuid ? "uuid" : "ns", chunksByUuid ? uuid : doc("n", namespace).get("n"));
      chunk.put("min", doc(field, bound(i, count)));
      chunk.put("max", doc(field, bound(i + 1, count)));
      chunk.put("shard", doc("s", shard).get("s"));
      chunk.put("lastmod", new BsonTimestamp(1, i));
      chunk.put("lastmodEpoch", epoch);
      chunk.put("history", new BsonArray(List.of(doc("validAfter", now(), "shard", shard))));
      chunks.add(chunk);
    }
    // Chunks first: without its entry in config.collections the collection is still unsharded.
    catalog.insert("chunks", chunks);
    catalog.upsert(
        "collections",
        doc("_id", namespace),
        doc(
            "lastmodEpoch",
            epoch,
            "lastmod",
            new BsonDateTime(System.currentTimeMillis()),
            "dropped",
            false,
            "key",
            key,
            "unique",
            false,
            "uuid",
            uuid,
            "distributionMode",
            "sharded"));
  }

  /** The range of 64-bit hashes cut into equal parts, open at both ends. */
  private static BsonValue bound(int index, int count) {
    if (index == 0) {
      return new BsonMinKey();
    }
    if (index == count) {
      return new BsonMaxKey();
    }
    long width = Long.divideUnsigned(-1L, count);
    return new BsonInt64(Long.MIN_VALUE + index * width);
  }

  static BsonTimestamp now() {
    return new BsonTimestamp((int) (System.currentTimeMillis() / 1000), 1);
  }

  BsonDocument drop(Request request) {
    String namespace = request.namespace();
    Optional<ShardedCollection> sharded = catalog.sharded(namespace);
    if (sharded.isEmpty()) {
      return placement
          .of(request.db())
          .map(shard -> request.send(shard, request.command()).body())
          .orElseGet(() -> new CommandException(26, "NamespaceNotFound", "ns not found").toReply());
    }
    dropSharded(request, sharded.get());
    return doc("ns", namespace, "ok", 1.0);
  }

  private void dropSharded(Request request, ShardedCollection sharded) {
    String namespace = sharded.namespace();
    locks.holding(namespace, "drop", () -> dropEverywhere(request, namespace));
    catalog.refresh();
  }

  private void dropEverywhere(Request request, String namespace) {
    String collection = namespace.substring(namespace.indexOf('.') + 1);
    for (String shard : shards.ids()) {
      BsonDocument reply = request.send(shard, request.inherit(doc("drop", collection))).body();
      if (!isOk(reply) && number(reply, "code", 0) != NAMESPACE_NOT_FOUND) {
        throw CommandException.of(reply);
      }
    }
    for (BsonDocument entry : catalog.find("collections", doc("_id", namespace), doc())) {
      catalog.delete("chunks", Catalog.chunksOf(entry));
    }
    if (chunksByUuid) {
      catalog.delete("collections", doc("_id", namespace));
    } else {
      catalog.upsert("collections", doc("_id", namespace), doc("$set", doc("dropped", true)));
    }
  }

  BsonDocument dropDatabase(Request request) {
    String db = request.db();
    List<BsonDocument> collections =
        catalog.find("collections", doc("dropped", doc("$ne", true)), doc());
    for (BsonDocument each : collections) {
      String namespace = each.getString("_id").getValue();
      if (namespace.startsWith(db + ".")) {
        catalog.sharded(namespace).ifPresent(sharded -> dropSharded(request, sharded));
      }
    }
    for (String shard : shards.ids()) {
      request.run(shard, request.command());
    }
    catalog.delete("databases", doc("_id", db));
    catalog.refresh();
    return doc("dropped", db, "ok", 1.0);
  }

  /** createIndexes, dropIndexes and collMod: on every shard that has a part of the collection. */
  BsonDocument onEveryOwner(Request request) {
    Optional<ShardedCollection> sharded = catalog.sharded(request.namespace());
    if (sharded.isEmpty()) {
      return toPrimaryShard(request);
    }
    Collection<String> owners = sharded.get().shards();
    BsonDocument raw = new BsonDocument();
    Map<String, BsonDocument> replies =
        request.each(owners, shard -> request.run(shard, request.command()));
    replies.forEach((shard, reply) -> raw.put(shards.client(shard).connectionString(), reply));
    return doc("raw", raw, "ok", 1.0);
  }

  /** create and the like: a collection is unsharded until it is sharded. */
  BsonDocument toPrimaryShard(Request request) {
    return request.send(placement.ofNewOrExisting(request.db()), request.command()).body();
  }

  private BsonDocument run(String shard, String db, BsonDocument command) {
    BsonDocument reply = shards.client(shard).send(db, command, true).body();
    if (!isOk(reply)) {
      throw CommandException.of(reply);
    }
    return reply;
  }
}
