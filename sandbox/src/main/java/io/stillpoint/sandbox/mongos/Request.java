package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.copy;
import static io.stillpoint.sandbox.mongos.Bson.isOk;

import io.stillpoint.sandbox.wire.CommandException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;

/** One client command and the shard commands that it becomes. */
final class Request {
  /** The arguments that every command may have and that concern the shard as well. */
  private static final List<String> GENERIC =
      List.of(
          "lsid",
          "txnNumber",
          "autocommit",
          "startTransaction",
          "readConcern",
          "writeConcern",
          "maxTimeMS",
          "comment",
          "$clusterTime");

  private static final Set<String> READS =
      Set.of(
          "find",
          "aggregate",
          "count",
          "distinct",
          "listCollections",
          "listIndexes",
          "listDatabases",
          "dbStats",
          "collStats",
          "validate");

  private final ShardRegistry shards;
  private final Transactions transactions;
  private final String db;
  private final BsonDocument command;
  private BsonTimestamp operationTime;

  Request(ShardRegistry shards, Transactions transactions, String db, BsonDocument command) {
    this.shards = shards;
    this.transactions = transactions;
    this.db = db;
    this.command = command;
  }

  String db() {
    return db;
  }

  BsonDocument command() {
    return command;
  }

  String name() {
    return command.getFirstKey();
  }

  /** The collection that the command's first field names. */
  String collection() {
    if (!command.isString(name())) {
      throw new CommandException(
          73, "InvalidNamespace", "collection name has invalid type in " + name());
    }
    return command.getString(name()).getValue();
  }

  String namespace() {
    return db + "." + collection();
  }

  boolean inTransaction() {
    return command.containsKey("autocommit");
  }

  /** Another command with this one's session, transaction, concerns and time limit. */
  BsonDocument inherit(BsonDocument other) {
    BsonDocument result = copy(other);
    for (String field : GENERIC) {
      if (command.containsKey(field) && !result.containsKey(field)) {
        result.put(field, command.get(field));
      }
    }
    return result;
  }

  /** Sends a command to the shard's primary; an error reply is returned, not thrown. */
  ReplicaSetClient.Reply send(String shard, BsonDocument shardCommand) {
    return send(shard, db, shardCommand);
  }

  ReplicaSetClient.Reply send(String shard, String shardDb, BsonDocument shardCommand) {
    BsonDocument sent = copy(shardCommand);
    sent.remove("$readPreference");
    transactions.join(this, shard, sent);
    boolean repeatable =
        !inTransaction() && (READS.contains(sent.getFirstKey()) || sent.containsKey("txnNumber"));
    ReplicaSetClient.Reply reply = shards.client(shard).send(shardDb, sent, repeatable);
    observe(reply.body());
    return reply;
  }

  /** Sends a command that has to succeed. */
  BsonDocument run(String shard, BsonDocument shardCommand) {
    BsonDocument reply = send(shard, shardCommand).body();
    if (!isOk(reply)) {
      throw CommandException.of(reply);
    }
    return reply;
  }

  /** Sends to the member that holds a cursor. */
  BsonDocument sendTo(String shard, String address, BsonDocument shardCommand) {
    BsonDocument sent = copy(shardCommand);
    transactions.join(this, shard, sent);
    try {
      BsonDocument reply = shards.client(shard).sendTo(address, db, sent);
      observe(reply);
      return reply;
    } catch (IOException e) {
      throw new CommandException(
          6, "HostUnreachable", "network error while reading from " + address + ": " + e);
    }
  }

  <T> Map<String, T> each(Collection<String> ids, Function<String, T> action) {
    return shards.each(ids, action);
  }

  ShardRegistry shards() {
    return shards;
  }

  /** The latest time at which a shard executed a part of this command; null if none did. */
  synchronized BsonTimestamp operationTime() {
    return operationTime;
  }

  private synchronized void observe(BsonDocument reply) {
    if (reply.isTimestamp("operationTime")) {
      BsonTimestamp time = reply.getTimestamp("operationTime");
      if (operationTime == null || time.compareTo(operationTime) > 0) {
        operationTime = time;
      }
    }
  }
}
