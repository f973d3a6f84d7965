package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.copy;
import static io.stillpoint.sandbox.mongos.Bson.doc;
import static io.stillpoint.sandbox.mongos.Bson.isOk;

import io.stillpoint.sandbox.query.Paths;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/**
 * moveChunk: copies a range of documents to another shard, then changes its owner. Simpler than the
 * real protocol: writes to the collection wait meanwhile, and the donor keeps the old copies for
 * ever, as orphans, where the real one would delete them after 15 minutes.
 */
final class ChunkMigration {
  private static final int BATCH = 500;

  /** Steps as the real donor numbers them: nothing committed yet, and committed on the config. */
  private static final int CLONED = 4;

  private static final int COMMITTED = 6;

  private final Catalog catalog;
  private final ShardRegistry shards;
  private final DistributedLocks locks;
  private final Map<String, ReadWriteLock> writing = new ConcurrentHashMap<>();

  ChunkMigration(Catalog catalog, ShardRegistry shards, DistributedLocks locks) {
    this.catalog = catalog;
    this.shards = shards;
    this.locks = locks;
  }

  /** Runs a write while no chunk of the collection moves. */
  BsonDocument whileNothingMoves(String namespace, Supplier<BsonDocument> write) {
    ReadWriteLock lock = lock(namespace);
    lock.readLock().lock();
    try {
      return write.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  BsonDocument move(Request request) {
    BsonDocument command = request.command();
    String namespace = command.getString(request.name()).getValue();
    catalog.refresh();
    ShardedCollection collection =
        catalog
            .sharded(namespace)
            .orElseThrow(
                () ->
                    new CommandException(
                        118, "NamespaceNotSharded", "Collection " + namespace + " is not sharded"));
    ShardedCollection.Chunk chunk = chunk(collection, command);
    String to = command.getString("to").getValue();
    shards.client(to);
    if (!chunk.shard().equals(to)) {
      locks.holding(
          namespace,
          "Migrating chunk(s) in collection " + namespace,
          () -> move(collection, chunk, to));
    }
    return Bson.ok();
  }

  private static ShardedCollection.Chunk chunk(ShardedCollection collection, BsonDocument command) {
    if (command.containsKey("find")) {
      return collection.chunkOf(command.getDocument("find").get(collection.keyField()));
    }
    BsonDocument min = command.getArray("bounds").get(0).asDocument();
    return collection.chunks().values().stream()
        .filter(each -> each.document().getDocument("min").equals(min))
        .findFirst()
        .orElseThrow(
            () -> new CommandException(2, "BadValue", "no chunk begins at " + min.toJson()));
  }

  private void move(ShardedCollection collection, ShardedCollection.Chunk chunk, String to) {
    BsonDocument migration =
        doc(
            "_id",
            collection.namespace() + chunk.document().getDocument("min").toJson(),
            "ns",
            collection.namespace(),
            "min",
            chunk.document().get("min"),
            "max",
            chunk.document().get("max"),
            "fromShard",
            chunk.shard(),
            "toShard",
            to);
    BsonDocument coordinator =
        doc(
            "_id",
            Placement.uuid(),
            "nss",
            collection.namespace(),
            "donorShardId",
            chunk.shard(),
            "recipientShardId",
            to);
    ReadWriteLock lock = lock(collection.namespace());
    lock.writeLock().lock();
    try {
      catalog.insert("migrations", List.of(migration));
      onConfigDatabase(chunk.shard(), insert("migrationCoordinators", coordinator));
      copyDocuments(collection, chunk, to);
      perhapsHang(chunk.shard(), CLONED);
      commit(collection, chunk, to);
      perhapsHang(chunk.shard(), COMMITTED);
      onConfigDatabase(
          chunk.shard(), delete("migrationCoordinators", doc("_id", coordinator.get("_id"))));
      catalog.delete("migrations", doc("_id", migration.get("_id")));
    } finally {
      catalog.refresh();
      lock.writeLock().unlock();
    }
  }

  /** A test may have told the donor to hang at a step of the real protocol. */
  private void perhapsHang(String donor, int step) {
    run(donor, "admin", doc("_simulatedMoveChunkStep", step));
  }

  private void copyDocuments(
      ShardedCollection collection, ShardedCollection.Chunk chunk, String to) {
    String namespace = collection.namespace();
    String db = namespace.substring(0, namespace.indexOf('.'));
    String name = namespace.substring(db.length() + 1);
    BsonDocument find = doc("find", name, "batchSize", BATCH);
    Request reading = new Request(shards, new Transactions(), db, find);
    ShardStream documents = new ShardStream(reading, chunk.shard(), find);
    List<BsonDocument> batch = new ArrayList<>();
    while (documents.hasNext()) {
      BsonDocument document = documents.next();
      BsonDocument key = chunkOf(collection, document);
      if (key.equals(chunk.document())) {
        batch.add(document);
      }
      if (batch.size() == BATCH || (!documents.hasNext() && !batch.isEmpty())) {
        run(to, db, replaceAll(name, batch));
        batch.clear();
      }
    }
  }

  private static BsonDocument chunkOf(ShardedCollection collection, BsonDocument document) {
    return collection.chunkOf(Paths.at(document, collection.keyField())).document();
  }

  /** Replaces, because the recipient may still hold orphans from an earlier move. */
  private static BsonDocument replaceAll(String collection, List<BsonDocument> documents) {
    BsonArray updates = new BsonArray();
    for (BsonDocument document : documents) {
      updates.add(doc("q", doc("_id", document.get("_id")), "u", document, "upsert", true));
    }
    return doc("update", collection, "updates", updates, "writeConcern", doc("w", "majority"));
  }

  private void commit(ShardedCollection collection, ShardedCollection.Chunk chunk, String to) {
    BsonTimestamp highest =
        collection.chunkDocuments().stream()
            .map(each -> each.getTimestamp("lastmod"))
            .max(BsonTimestamp::compareTo)
            .orElseThrow();
    BsonArray history = new BsonArray();
    history.add(doc("validAfter", Ddl.now(), "shard", to));
    for (BsonValue each : chunk.document().getArray("history", new BsonArray())) {
      history.add(each);
    }
    BsonDocument moved = copy(chunk.document());
    moved.remove("_id");
    moved.putAll(
        doc(
            "shard",
            to,
            "lastmod",
            new BsonTimestamp(highest.getTime() + 1, 0),
            "history",
            history));
    catalog.upsert("chunks", doc("_id", chunk.document().get("_id")), doc("$set", moved));
  }

  private void onConfigDatabase(String shard, BsonDocument command) {
    run(shard, "config", command);
  }

  private static BsonDocument insert(String collection, BsonDocument document) {
    return doc(
        "insert",
        collection,
        "documents",
        new BsonArray(List.of(document)),
        "writeConcern",
        doc("w", "majority"));
  }

  private static BsonDocument delete(String collection, BsonDocument filter) {
    return doc(
        "delete",
        collection,
        "deletes",
        new BsonArray(List.of(doc("q", filter, "limit", 1))),
        "writeConcern",
        doc("w", "majority"));
  }

  private void run(String shard, String db, BsonDocument command) {
    BsonDocument reply = shards.client(shard).send(db, command, true).body();
    if (!isOk(reply) || reply.containsKey("writeErrors")) {
      throw CommandException.of(isOk(reply) ? firstError(reply) : reply);
    }
  }

  private static BsonDocument firstError(BsonDocument reply) {
    return reply.getArray("writeErrors").get(0).asDocument();
  }

  private ReadWriteLock lock(String namespace) {
    return writing.computeIfAbsent(namespace, key -> new ReentrantReadWriteLock());
  }
}
