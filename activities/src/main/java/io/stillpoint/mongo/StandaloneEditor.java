package io.stillpoint.mongo;

import com.mongodb.client.MongoClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/**
 * Edits restored data through a temporary standalone mongod, so that its next ordinary start
 * truncates the oplog after the consistent point and replays up to it (measured on 4.4.6-8). Every
 * edit may be repeated on data that was edited before.
 */
public final class StandaloneEditor implements AutoCloseable {

  /** A whole oplog may have to be counted; nobody else uses this server. */
  private static final MongoTimeouts PATIENT =
      new MongoTimeouts(Duration.ofSeconds(5), Duration.ofMinutes(30));

  /** Writes to these in (checkpoint, point] are replayed over what a rewrite puts there. */
  static final List<String> REGISTRY = List.of("config.shards", "admin.system.version");

  /**
   * What to change so that the data can live at other addresses; empty means keep.
   *
   * @param configuration a replica set configuration as extended JSON
   * @param configServer connection string of the config server, set/host:port,...
   * @param shardName the id that the shard must have, or get by {@code shardIds}
   * @param shardHosts connection string by new shard id, for config.shards; not empty only for a
   *     config server's data
   * @param shardIds new shard id by old one, where they change; no id may be both
   */
  public record Addresses(
      String configuration,
      String configServer,
      String shardName,
      Map<String, String> shardHosts,
      Map<String, String> shardIds) {

    public Addresses {
      shardHosts = Map.copyOf(shardHosts);
      shardIds = Map.copyOf(shardIds);
    }

    private boolean touchRegistry() {
      return !configServer.isEmpty() || !shardName.isEmpty() || !shardHosts.isEmpty();
    }
  }

  private final MongoClient client;
  private final ServerConnection server;

  /**
   * @param address host:port of the temporary standalone on the loopback interface, which runs
   *     without authentication and TLS
   */
  public StandaloneEditor(String address) {
    client = new DirectClients(PATIENT).loopback(address);
    server = new ServerConnection(address, client);
  }

  /** Whether it answers; false while it starts. */
  public boolean isReachable() {
    try {
      server.admin("ping");
      return true;
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MONGO_UNREACHABLE) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Makes the next start with --replSet end exactly at the point.
   *
   * @param newestTerm the set's next election comes after this one; 0 leaves that to the data
   * @throws StillpointException POINT_NOT_PROVEN if the server is no standalone
   */
  public void prepareReplay(ClusterTime point, long newestTerm) {
    refuseReplicaSetMember();
    deleteAll("local", "replset.minvalid");
    deleteAll("local", "replset.oplogTruncateAfterPoint");
    deleteAll("local", "replset.election");
    if (newestTerm > 0) {
      // As if this member had voted for nobody then: a server begins with the term of its last
      // vote.
      insert(
          "local",
          "replset.election",
          new BsonDocument("_id", new BsonObjectId())
              .append("term", new BsonInt64(newestTerm))
              .append("candidateIndex", new BsonInt32(-1)));
    }
    // Term -1 and Timestamp(0,1) mean "consistent from the start": recovery may stop at the point.
    insert(
        "local",
        "replset.minvalid",
        new BsonDocument("_id", new BsonObjectId())
            .append("t", new BsonInt64(-1))
            .append("ts", new BsonTimestamp(0, 1)));
    insert(
        "local",
        "replset.oplogTruncateAfterPoint",
        new BsonDocument("_id", new BsonString("oplogTruncateAfterPoint"))
            .append("oplogTruncateAfterPoint", BsonFields.timestamp(point)));
  }

  /**
   * Writes new addresses into the data.
   *
   * @throws StillpointException REMAP_UNSAFE if a document that must be there is not, if replay
   *     would overwrite the edit, or if the shard's id would change unasked
   */
  public void rewrite(Addresses addresses, ClusterTime checkpoint, ClusterTime point) {
    refuseReplicaSetMember();
    if (addresses.touchRegistry()) {
      refuseIfReplayed(checkpoint, point);
    }
    if (!addresses.configuration().isEmpty()) {
      rewriteConfiguration(BsonDocument.parse(addresses.configuration()));
    }
    if (!addresses.configServer().isEmpty() || !addresses.shardName().isEmpty()) {
      rewriteIdentity(addresses);
    }
    if (!addresses.shardHosts().isEmpty()) {
      rewriteShards(addresses.shardHosts(), addresses.shardIds());
    }
  }

  /** The oplog of this data, for the proof of its end. */
  public OplogReader oplog() {
    return new OplogReader(server);
  }

  /** The documents of this data that name shards, for the change of their ids. */
  public ShardDocuments shardDocuments() {
    return new ShardDocuments(server);
  }

  /** Asks for a clean shutdown; the caller waits for the process. */
  public void shutdown() {
    try {
      server.admin(
          new BsonDocument("shutdown", new BsonInt32(1)).append("force", BsonBoolean.TRUE));
    } catch (StillpointException e) {
      // The connection breaks when the server obeys; a refusal is something else.
      if (e.code() != ErrorCode.MONGO_UNREACHABLE) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private void refuseReplicaSetMember() {
    String set = BsonFields.string(server.hello(), "setName");
    if (!set.isEmpty()) {
      throw new StillpointException(
          ErrorCode.POINT_NOT_PROVEN,
          "%s runs as a member of replica set %s, but restored data is edited on a standalone"
              .formatted(server.address(), set),
          "stop that mongod and resume the restore");
    }
  }

  private void refuseIfReplayed(ClusterTime checkpoint, ClusterTime point) {
    List<BsonDocument> writes = oplog().writes(REGISTRY, checkpoint, point, 1);
    if (!writes.isEmpty()) {
      throw unsafe(
          "%s was written at %s, between checkpoint %s and the point %s, so replay would overwrite"
                  .formatted(
                      BsonFields.string(writes.get(0), "ns"),
                      BsonFields.time(writes.get(0), "ts"),
                      checkpoint,
                      point)
              + " the new addresses with those of the source cluster");
    }
  }

  /** As an administrator's forced reconfiguration would leave it: version 1, no term. */
  private void rewriteConfiguration(BsonDocument configuration) {
    if (!configuration.isString("_id") || BsonFields.array(configuration, "members").isEmpty()) {
      throw unsafe("the replica set configuration to write has no name or no members");
    }
    configuration.put("version", new BsonInt32(1));
    configuration.remove("term");
    deleteAll("local", "system.replset");
    insert("local", "system.replset", configuration);
  }

  private void rewriteIdentity(Addresses addresses) {
    BsonDocument key = new BsonDocument("_id", new BsonString("shardIdentity"));
    Optional<BsonDocument> found = server.findOne("admin", "system.version", key);
    if (found.isEmpty() && addresses.shardName().isEmpty() && !addresses.shardHosts().isEmpty()) {
      // A config server that is no shard has an identity only in later versions.
      return;
    }
    BsonDocument identity =
        found.orElseThrow(() -> unsafe("the data holds no shard identity, so it is no shard's"));
    String present = BsonFields.string(identity, "shardName");
    String wanted = addresses.shardName();
    if (!wanted.isEmpty() && !wanted.equals(present)) {
      if (!wanted.equals(addresses.shardIds().get(present))) {
        throw unsafe(
            "the data is that of shard '%s', but shard '%s' is wanted".formatted(present, wanted));
      }
      set("admin", "system.version", key, "shardName", wanted);
    }
    if (!addresses.configServer().isEmpty()) {
      set("admin", "system.version", key, "configsvrConnectionString", addresses.configServer());
    }
  }

  /**
   * In two passes, because config.shards has a unique index on host and hosts may swap. A shard
   * that gets another id keeps the rest of its document; the old one goes last, so that a
   * repetition finds at least one of them.
   */
  private void rewriteShards(Map<String, String> hosts, Map<String, String> ids) {
    List<BsonDocument> shards = server.find("config", "shards", new BsonDocument());
    for (BsonDocument shard : shards) {
      String id = BsonFields.string(shard, "_id");
      if (!hosts.containsKey(ids.getOrDefault(id, id))) {
        throw unsafe(
            "shard '%s' would keep its old address %s, because no new one is given for it"
                .formatted(id, BsonFields.string(shard, "host")));
      }
    }
    for (BsonDocument shard : shards) {
      String id = BsonFields.string(shard, "_id");
      set("config", "shards", byId(id), "host", id + "/moving:1");
    }
    for (BsonDocument shard : shards) {
      String id = BsonFields.string(shard, "_id");
      if (ids.containsKey(id)) {
        if (server.findOne("config", "shards", byId(ids.get(id))).isEmpty()) {
          BsonDocument renamed = shard.clone();
          renamed.put("_id", new BsonString(ids.get(id)));
          renamed.put("host", new BsonString(ids.get(id) + "/moving:1"));
          insert("config", "shards", renamed);
        }
        delete("config", "shards", byId(id));
      }
    }
    hosts.forEach((id, host) -> set("config", "shards", byId(id), "host", host));
  }

  private void set(
      String database, String collection, BsonDocument key, String field, String value) {
    BsonDocument change = new BsonDocument("$set", new BsonDocument(field, new BsonString(value)));
    BsonDocument reply =
        server.run(
            database,
            new BsonDocument("update", new BsonString(collection))
                .append(
                    "updates",
                    new BsonArray(List.of(new BsonDocument("q", key).append("u", change)))));
    if (BsonFields.integer(reply, "n") != 1) {
      throw unsafe(
          "%s.%s has no document %s to write an address into"
              .formatted(database, collection, key.toJson()));
    }
  }

  private void deleteAll(String database, String collection) {
    delete(database, collection, new BsonDocument());
  }

  private void delete(String database, String collection, BsonDocument filter) {
    BsonDocument all = new BsonDocument("q", filter).append("limit", new BsonInt32(0));
    server.run(
        database,
        new BsonDocument("delete", new BsonString(collection))
            .append("deletes", new BsonArray(List.of(all))));
  }

  private void insert(String database, String collection, BsonDocument document) {
    server.run(
        database,
        new BsonDocument("insert", new BsonString(collection))
            .append("documents", new BsonArray(List.of(document))));
  }

  private static BsonDocument byId(String id) {
    return new BsonDocument("_id", new BsonString(id));
  }

  private static StillpointException unsafe(String message) {
    return new StillpointException(
        ErrorCode.REMAP_UNSAFE,
        message,
        "restore this backup onto the addresses and shard names it was taken from, or take a new"
            + " backup");
  }
}
