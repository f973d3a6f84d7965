package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.copy;
import static io.stillpoint.sandbox.mongos.Bson.doc;
import static io.stillpoint.sandbox.mongos.Bson.isOk;
import static io.stillpoint.sandbox.mongos.Bson.number;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonValue;

/** insert, update, delete and findAndModify. */
final class Writes {
  private final Catalog catalog;
  private final Placement placement;

  Writes(Catalog catalog, Placement placement) {
    this.catalog = catalog;
    this.placement = placement;
  }

  BsonDocument insert(Request request) {
    BsonDocument command = copy(request.command());
    BsonArray documents = new BsonArray();
    for (BsonValue each : command.getArray("documents")) {
      documents.add(withId(each.asDocument()));
    }
    command.put("documents", documents);
    Optional<ShardedCollection> sharded = catalog.sharded(request.namespace());
    if (sharded.isEmpty()) {
      return toPrimaryShard(request, command);
    }
    command.put("shardVersion", sharded.get().version());
    Map<String, List<Integer>> byShard = new LinkedHashMap<>();
    for (int i = 0; i < documents.size(); i++) {
      String shard = sharded.get().shardOf(documents.get(i).asDocument());
      byShard.computeIfAbsent(shard, key -> new ArrayList<>()).add(i);
    }
    return scatter(request, command, "documents", byShard);
  }

  BsonDocument update(Request request) {
    return modify(request, "updates", Writes::updatesMany);
  }

  BsonDocument delete(Request request) {
    return modify(request, "deletes", statement -> number(statement, "limit", 0) == 0);
  }

  BsonDocument findAndModify(Request request) {
    Optional<ShardedCollection> sharded = catalog.sharded(request.namespace());
    if (sharded.isEmpty()) {
      return toPrimaryShard(request, request.command());
    }
    BsonDocument query = request.command().getDocument("query", doc());
    String shard =
        sharded
            .get()
            .target(query)
            .orElseThrow(
                () ->
                    new CommandException(
                        61,
                        "ShardKeyNotFound",
                        "Query for sharded findAndModify must contain the shard key"));
    BsonDocument command = copy(request.command());
    command.put("shardVersion", sharded.get().version());
    return request.send(shard, command).body();
  }

  private BsonDocument toPrimaryShard(Request request, BsonDocument command) {
    return request.send(placement.ofNewOrExisting(request.db()), command).body();
  }

  private BsonDocument modify(Request request, String field, Predicate<BsonDocument> many) {
    Optional<ShardedCollection> sharded = catalog.sharded(request.namespace());
    if (sharded.isEmpty()) {
      return toPrimaryShard(request, request.command());
    }
    BsonArray statements = request.command().getArray(field);
    Map<String, List<Integer>> byShard = new LinkedHashMap<>();
    for (int i = 0; i < statements.size(); i++) {
      for (String shard : targets(sharded.get(), statements.get(i).asDocument(), many)) {
        byShard.computeIfAbsent(shard, key -> new ArrayList<>()).add(i);
      }
    }
    BsonDocument command = copy(request.command());
    command.put("shardVersion", sharded.get().version());
    return scatter(request, command, field, byShard);
  }

  private static Collection<String> targets(
      ShardedCollection sharded, BsonDocument statement, Predicate<BsonDocument> many) {
    Optional<String> one = sharded.target(statement.getDocument("q"));
    if (one.isPresent()) {
      return List.of(one.get());
    }
    boolean upsert = statement.getBoolean("upsert", BsonBoolean.FALSE).getValue();
    if (upsert || !many.test(statement)) {
      throw new CommandException(
          upsert ? 61 : 72,
          upsert ? "ShardKeyNotFound" : "InvalidOptions",
          "A write to one document of %s must contain the shard key %s, but the filter is %s"
              .formatted(
                  sharded.namespace(), sharded.keyField(), statement.getDocument("q").toJson()));
    }
    return sharded.shards();
  }

  private static boolean updatesMany(BsonDocument statement) {
    return statement.getBoolean("multi", BsonBoolean.FALSE).getValue();
  }

  /** Sends each shard its statements and puts the replies together under the client's indexes. */
  private static BsonDocument scatter(
      Request request, BsonDocument command, String field, Map<String, List<Integer>> byShard) {
    if (byShard.size() == 1) {
      return request.send(byShard.keySet().iterator().next(), command).body();
    }
    Map<String, BsonDocument> replies =
        request.each(
            byShard.keySet(),
            shard -> request.send(shard, part(command, field, byShard.get(shard))).body());
    return merge(replies, byShard);
  }

  private static BsonDocument part(BsonDocument command, String field, List<Integer> indexes) {
    BsonArray statements = new BsonArray();
    BsonArray statementIds = new BsonArray();
    for (int index : indexes) {
      statements.add(command.getArray(field).get(index));
      statementIds.add(new BsonInt32(index));
    }
    BsonDocument part = copy(command);
    part.put(field, statements);
    if (command.containsKey("txnNumber") && !command.containsKey("autocommit")) {
      // A retried command may be split differently; the shards know statements by these numbers.
      part.put("stmtIds", statementIds);
    }
    return part;
  }

  private static BsonDocument merge(
      Map<String, BsonDocument> replies, Map<String, List<Integer>> byShard) {
    long n = 0;
    long modified = 0;
    BsonDocument merged = doc("n", 0);
    Map<Integer, BsonDocument> errors = new TreeMap<>();
    Map<Integer, BsonDocument> upserted = new TreeMap<>();
    for (Map.Entry<String, BsonDocument> each : replies.entrySet()) {
      BsonDocument reply = each.getValue();
      if (!isOk(reply)) {
        throw CommandException.of(reply);
      }
      n += number(reply, "n", 0);
      modified += number(reply, "nModified", 0);
      List<Integer> indexes = byShard.get(each.getKey());
      renumber(reply, "writeErrors", indexes, errors);
      renumber(reply, "upserted", indexes, upserted);
      if (reply.containsKey("writeConcernError")) {
        merged.put("writeConcernError", reply.get("writeConcernError"));
      }
      if (reply.containsKey("nModified")) {
        merged.put("nModified", new BsonInt32((int) modified));
      }
    }
    merged.put("n", new BsonInt32((int) n));
    putUnlessEmpty(merged, "writeErrors", errors);
    putUnlessEmpty(merged, "upserted", upserted);
    merged.put("ok", new BsonDouble(1));
    return merged;
  }

  private static void renumber(
      BsonDocument reply, String field, List<Integer> indexes, Map<Integer, BsonDocument> into) {
    if (reply.isArray(field)) {
      for (BsonValue each : reply.getArray(field)) {
        BsonDocument entry = copy(each.asDocument());
        int index = indexes.get(entry.getNumber("index").intValue());
        entry.put("index", new BsonInt32(index));
        into.put(index, entry);
      }
    }
  }

  private static void putUnlessEmpty(
      BsonDocument reply, String field, Map<Integer, BsonDocument> entries) {
    if (!entries.isEmpty()) {
      reply.put(field, new BsonArray(new ArrayList<>(entries.values())));
    }
  }

  private static BsonDocument withId(BsonDocument document) {
    if (document.containsKey("_id")) {
      return document;
    }
    BsonDocument result = doc("_id", new BsonObjectId());
    result.putAll(document);
    return result;
  }
}
