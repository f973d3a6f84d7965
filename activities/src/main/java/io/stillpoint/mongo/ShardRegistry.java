package io.stillpoint.mongo;

import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ReplicaSetRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * The documents of a config server that say which shard owns what. Their ids are rewritten on the
 * running config server, because the oplog up to the consistent point may write any of them; {@code
 * config.shards} itself was rewritten before it started, so that it never knew the old hosts.
 */
public final class ShardRegistry {

  private static final String CONFIG = "config";

  /** A busy cluster has hundreds of thousands of chunks. */
  private static final int MAJORITY_MILLIS = 600_000;

  private final MongoConnections connections;

  public ShardRegistry(MongoConnections connections) {
    this.connections = connections;
  }

  /**
   * Gives shards other ids, on a majority of the config server. May be repeated.
   *
   * @param ids new id by old one; no id may be both
   * @throws StillpointException REMAP_UNSAFE if a migration is under way, or if something is left
   *     that names a shard which is not registered
   */
  public void rename(StepUpRequest configServer, Map<String, String> ids) {
    ServerConnection primary = primary(configServer);
    ShardDocuments.requireEmpty(primary, "migrations");
    ShardDocuments.requireEmpty(primary, "reshardingOperations");
    update(primary, "databases", ShardDocuments.inField("primary", ids));
    update(primary, "chunks", ShardDocuments.inField("shard", ids));
    update(primary, "chunks", inHistory(ids));
    // Only servers from 7.0 on write these.
    update(primary, "placementHistory", List.of(ShardDocuments.inArray("shards", ids)));
    requireKnown(primary);
  }

  private ServerConnection primary(StepUpRequest set) {
    SetAddress address =
        new SetAddress(set.set(), CONFIG, ReplicaSetRole.CONFIG_SERVER, set.members());
    String primary = SetPrimary.find(connections, set.cluster(), address).address();
    return connections.patientServer(set.cluster(), primary);
  }

  private static List<BsonDocument> inHistory(Map<String, String> ids) {
    List<BsonDocument> statements = new ArrayList<>();
    new TreeMap<>(ids)
        .forEach(
            (from, to) ->
                statements.add(
                    ShardDocuments.statement(
                            new BsonDocument("history.shard", new BsonString(from)),
                            new BsonDocument("history.$[old].shard", new BsonString(to)))
                        .append(
                            "arrayFilters",
                            new BsonArray(
                                List.of(new BsonDocument("old.shard", new BsonString(from)))))));
    return statements;
  }

  private static void update(
      ServerConnection primary, String collection, List<BsonDocument> statements) {
    BsonDocument reply =
        primary.run(
            CONFIG,
            ShardDocuments.updateCommand(collection, statements)
                .append(
                    "writeConcern",
                    new BsonDocument("w", new BsonString("majority"))
                        .append("wtimeout", new BsonInt32(MAJORITY_MILLIS))));
    if (reply.containsKey("writeConcernError")) {
      throw new StillpointException(
          ErrorCode.MONGO_COMMAND_FAILED,
          "the new shard ids were not written to a majority of the config server: %s"
              .formatted(BsonFields.string(reply, "writeConcernError.errmsg")),
          "it is tried again; check the members of the config server");
    }
  }

  private static void requireKnown(ServerConnection primary) {
    List<BsonValue> shards = new ArrayList<>(List.of(new BsonString(CONFIG)));
    primary.find(CONFIG, "shards", new BsonDocument()).forEach(s -> shards.add(s.get("_id")));
    BsonDocument unknown = new BsonDocument("$nin", new BsonArray(shards));
    for (String[] place : new String[][] {{"databases", "primary"}, {"chunks", "shard"}}) {
      primary
          .findOne(CONFIG, place[0], new BsonDocument(place[1], unknown))
          .ifPresent(
              left -> {
                throw new StillpointException(
                    ErrorCode.REMAP_UNSAFE,
                    "config.%s has %s on shard '%s', which is none of the restored cluster's %s"
                        .formatted(
                            place[0],
                            left.get("_id"),
                            BsonFields.string(left, place[1]),
                            shards.stream().map(s -> s.asString().getValue()).toList()),
                    "map this shard too with --map, or use shards with the ids of the backup");
              });
    }
  }
}
