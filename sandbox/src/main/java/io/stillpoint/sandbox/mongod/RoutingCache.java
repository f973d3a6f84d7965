package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.command.DataWriter;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/**
 * What a shard remembers of the chunks of sharded collections, in {@code config.cache.*}. It asks
 * the config server again only when a router knows a newer version; so after a change of shard ids
 * alone, which changes no version, it stays wrong for ever, as on the real server.
 */
public final class RoutingCache {
  private static final String COLLECTIONS = "config.cache.collections";
  private static final String CHUNKS = "config.cache.chunks.";

  private final Mongod mongod;
  private final ConfigServer config;

  RoutingCache(Mongod mongod) {
    this.mongod = mongod;
    this.config = mongod.configServer();
  }

  /**
   * Checks a router's command for a sharded collection.
   *
   * @param version {@code [version, epoch]} as the router knows it
   * @throws CommandException 13388 if this shard believes that it owns nothing of the collection
   */
  public synchronized void require(String namespace, BsonArray version) {
    BsonDocument identity = mongod.store().read(() -> ShardIdentity.read(mongod.store()));
    if (identity == null || !isPrimary()) {
      return;
    }
    if (!isFresh(namespace, version)) {
      refresh(namespace);
    }
    boolean owner =
        mongod
            .store()
            .read(
                () ->
                    documents(CHUNKS + namespace).stream()
                        .anyMatch(chunk -> chunk.get("shard").equals(identity.get("shardName"))));
    if (!owner) {
      throw new CommandException(13388, "StaleConfig", "epoch mismatch detected for " + namespace);
    }
  }

  /** Routers ask primaries; another node refuses the command anyway, and must not write. */
  private boolean isPrimary() {
    return mongod.replication().filter(r -> r.set().writable()).isPresent();
  }

  private boolean isFresh(String namespace, BsonArray version) {
    return mongod
        .store()
        .read(
            () ->
                documents(COLLECTIONS).stream()
                    .filter(c -> c.getString("_id").getValue().equals(namespace))
                    .anyMatch(
                        c ->
                            c.get("epoch").equals(version.get(1))
                                && c.getTimestamp("lastRefreshedCollectionVersion")
                                        .compareTo(version.get(0).asTimestamp())
                                    >= 0));
  }

  private void refresh(String namespace) {
    BsonDocument collection =
        ask("collections", new BsonDocument("_id", new BsonString(namespace))).stream()
            .findFirst()
            .orElse(new BsonDocument());
    BsonArray either = new BsonArray(List.of(new BsonDocument("ns", new BsonString(namespace))));
    if (collection.containsKey("uuid")) {
      either.add(new BsonDocument("uuid", collection.get("uuid")));
    }
    List<BsonDocument> chunks = ask("chunks", new BsonDocument("$or", either));
    if (chunks.isEmpty()) {
      return;
    }
    BsonTimestamp newest =
        chunks.stream()
            .map(chunk -> chunk.getTimestamp("lastmod"))
            .max(BsonTimestamp::compareTo)
            .orElseThrow();
    BsonDocument entry =
        new BsonDocument("_id", new BsonString(namespace))
            .append("epoch", chunks.get(0).get("lastmodEpoch"))
            .append("key", collection.get("key"))
            .append("lastRefreshedCollectionVersion", newest);
    mongod
        .store()
        .write(
            () -> {
              if (!isPrimary()) {
                return;
              }
              replace(CHUNKS + namespace, "", chunks.stream().map(RoutingCache::cached).toList());
              replace(COLLECTIONS, namespace, List.of(entry));
            });
  }

  private List<BsonDocument> ask(String collection, BsonDocument filter) {
    return config
        .find(collection, filter)
        .orElseThrow(
            () ->
                new CommandException(
                    133, "FailedToSatisfyReadPreference", "no config server answers"));
  }

  private static BsonDocument cached(BsonDocument chunk) {
    return new BsonDocument("_id", chunk.get("min"))
        .append("max", chunk.get("max"))
        .append("shard", chunk.get("shard"))
        .append("lastmod", chunk.get("lastmod"));
  }

  /**
   * Under the store's write lock.
   *
   * @param id of the only document to replace; empty for all
   */
  private void replace(String namespace, String id, List<BsonDocument> documents) {
    Collection into = mongod.writer().collection(namespace);
    for (Long record : List.copyOf(into.rows().keySet())) {
      BsonValue present = into.document(record).get("_id");
      if (id.isEmpty() || present.equals(new BsonString(id))) {
        mongod.writer().delete(into, record, DataWriter.Origin.NONE);
      }
    }
    documents.forEach(d -> mongod.writer().insert(into, d, DataWriter.Origin.NONE));
  }

  /** Under the store's lock. */
  private List<BsonDocument> documents(String namespace) {
    Collection found = mongod.store().catalog().get(namespace);
    List<BsonDocument> documents = new ArrayList<>();
    if (found != null) {
      found.rows().values().forEach(row -> documents.add(Documents.view(row)));
    }
    return documents;
  }
}
