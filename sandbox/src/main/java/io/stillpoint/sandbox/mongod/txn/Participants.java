package io.stillpoint.sandbox.mongod.txn;

import io.stillpoint.sandbox.mongod.ConfigServer;
import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** Sends the coordinator's commands to the primaries of shards, until they answer. */
final class Participants {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long RETRY_MILLIS = 200;

  /** The answers of a member that is not the primary, or about to be none. */
  private static final Set<Integer> ELSEWHERE =
      Set.of(91, 189, 10107, 11600, 11602, 13435, 13436, 94, 112);

  private final Mongod mongod;
  private final ConfigServer config;

  Participants(Mongod mongod) {
    this.mongod = mongod;
    this.config = mongod.configServer();
  }

  /**
   * Sends a command to a shard's primary and returns its reply, {@code ok: 0} included.
   *
   * @throws FatalError 51068 when there is no such shard: a real shard aborts on it
   * @throws CommandException 10107 when this node is no longer primary
   */
  BsonDocument send(String shard, BsonDocument command) throws InterruptedException {
    while (true) {
      if (mongod.isEnding() || !mongod.replication().orElseThrow().set().isPrimary()) {
        throw new CommandException(10107, "NotWritablePrimary", "not primary");
      }
      String hosts = hosts(shard);
      if (hosts != null && hosts.isEmpty()) {
        throw unknownShard(shard);
      }
      for (String host : hosts == null ? List.<String>of() : List.of(hosts.split(","))) {
        BsonDocument reply = tryOne(host, command);
        if (reply != null) {
          return reply;
        }
      }
      Thread.sleep(RETRY_MILLIS);
    }
  }

  private WireClient connect(String host) throws IOException {
    return mongod.replication().orElseThrow().peers().connect(host, TIMEOUT);
  }

  private FatalError unknownShard(String shard) {
    mongod.log().fatal("TXN", 51068, "ShardNotFound", "shardId", shard);
    FatalError.fassert(mongod.log(), 51068, "transaction_coordinator_util.cpp", 802);
    return FatalError.exit("fatal assertion 51068", FatalError.SIGABRT);
  }

  private BsonDocument tryOne(String host, BsonDocument command) {
    BsonDocument request = new BsonDocument();
    request.putAll(command);
    request.append("$clusterTime", mongod.replication().orElseThrow().clusterTime());
    try (WireClient client = connect(host)) {
      BsonDocument reply = client.send("admin", request, TIMEOUT);
      if (reply.isDocument("$clusterTime")) {
        mongod
            .replication()
            .orElseThrow()
            .clock()
            .advance(reply.getDocument("$clusterTime").getTimestamp("clusterTime").getValue());
      }
      boolean elsewhere =
          reply.containsKey("code") && ELSEWHERE.contains(reply.getNumber("code").intValue());
      return elsewhere ? null : reply;
    } catch (IOException e) {
      return null;
    }
  }

  /** The members of a shard; empty when there is no such shard, null when nobody can tell. */
  private String hosts(String shard) {
    return config
        .find("shards", new BsonDocument("_id", new BsonString(shard)))
        .map(
            found -> {
              String list = found.isEmpty() ? "" : found.get(0).getString("host").getValue();
              return list.substring(list.indexOf('/') + 1);
            })
        .orElse(null);
  }
}
