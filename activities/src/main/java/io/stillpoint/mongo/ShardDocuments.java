package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * The documents of a shard's own config database that name shards. Where one is forgotten the shard
 * aborts (fassert 51068, transaction coordinators) or answers every query with StaleConfig for ever
 * (13388, cached chunks); both measured on 4.4.6-8.
 */
public final class ShardDocuments {

  private static final String CONFIG = "config";

  /** What goes on after a restart and names shards in more places than can be rewritten. */
  private static final List<String> UNDER_WAY =
      List.of(
          "migrationCoordinators",
          "system.sharding_ddl_coordinators",
          "localReshardingOperations.donor",
          "localReshardingOperations.recipient");

  private final ServerConnection server;

  ShardDocuments(ServerConnection server) {
    this.server = server;
  }

  /**
   * Gives shards other ids. May be repeated.
   *
   * @param ids new id by old one; no id may be both
   * @throws StillpointException REMAP_UNSAFE if a migration or DDL operation is under way
   */
  public void rename(Map<String, String> ids) {
    for (String collection : UNDER_WAY) {
      requireEmpty(server, collection);
    }
    // One statement: a list of participants must never be half old and half new.
    update(server, "transaction_coordinators", List.of(inArray("participants", ids)));
    update(server, "rangeDeletions", inField("donorShardId", ids));
    server
        .find(CONFIG, new BsonDocument("listCollections", new BsonInt32(1)))
        .forEach(
            collection -> {
              String name = BsonFields.string(collection, "name");
              if (name.startsWith("cache.")) {
                clear(name);
              }
            });
  }

  static void requireEmpty(ServerConnection server, String collection) {
    if (server.findOne(CONFIG, collection, new BsonDocument()).isPresent()) {
      throw new StillpointException(
          ErrorCode.REMAP_UNSAFE,
          "config.%s of %s is not empty at the consistent point, so a migration or DDL operation"
                  .formatted(collection, server.address())
              + " would go on under the old shard ids",
          "use another backup, or add the target's shards under the ids of this one");
    }
  }

  /** One statement per id, for a field that holds one. */
  static List<BsonDocument> inField(String field, Map<String, String> ids) {
    List<BsonDocument> statements = new ArrayList<>();
    new TreeMap<>(ids)
        .forEach(
            (from, to) ->
                statements.add(
                    statement(
                        new BsonDocument(field, new BsonString(from)),
                        new BsonDocument(field, new BsonString(to)))));
    return statements;
  }

  /** One statement for all ids, for a field that holds an array of them. */
  static BsonDocument inArray(String field, Map<String, String> ids) {
    BsonDocument changes = new BsonDocument();
    BsonArray filters = new BsonArray();
    int number = 0;
    for (Map.Entry<String, String> id : new TreeMap<>(ids).entrySet()) {
      String name = "old" + number++;
      changes.append("%s.$[%s]".formatted(field, name), new BsonString(id.getValue()));
      filters.add(new BsonDocument(name, new BsonString(id.getKey())));
    }
    BsonDocument present =
        new BsonDocument(
            field, new BsonDocument("$in", new BsonArray(List.copyOf(strings(ids.keySet())))));
    return statement(present, changes).append("arrayFilters", filters);
  }

  static BsonDocument statement(BsonDocument filter, BsonDocument changes) {
    return new BsonDocument("q", filter)
        .append("u", new BsonDocument("$set", changes))
        .append("multi", BsonBoolean.TRUE);
  }

  static BsonDocument updateCommand(String collection, List<BsonDocument> statements) {
    return new BsonDocument("update", new BsonString(collection))
        .append("updates", new BsonArray(statements));
  }

  private static void update(
      ServerConnection server, String collection, List<BsonDocument> statements) {
    server.run(CONFIG, updateCommand(collection, statements));
  }

  private void clear(String collection) {
    BsonDocument all = new BsonDocument("q", new BsonDocument()).append("limit", new BsonInt32(0));
    server.run(
        CONFIG,
        new BsonDocument("delete", new BsonString(collection))
            .append("deletes", new BsonArray(List.of(all))));
  }

  private static List<BsonValue> strings(Iterable<String> texts) {
    List<BsonValue> values = new ArrayList<>();
    texts.forEach(text -> values.add(new BsonString(text)));
    return values;
  }
}
