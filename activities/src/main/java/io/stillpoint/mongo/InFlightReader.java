package io.stillpoint.mongo;

import io.stillpoint.model.ReplicaSetRole;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * Looks for what must not lie across the consistent point: cluster DDL that holds a lock, chunk
 * migrations, resharding, a change of the feature compatibility version. Servers of other versions
 * lack some of the collections; an absent collection reads as empty.
 */
final class InFlightReader {

  private static final int LIMIT = 10;

  private InFlightReader() {}

  /** Everything that the primary of a set knows, by the set's role. */
  static List<String> onPrimary(ServerConnection primary, String set, ReplicaSetRole role) {
    List<String> found = new ArrayList<>();
    if (role.isConfigServer()) {
      found.addAll(onConfigServer(primary));
    }
    if (role.isShard()) {
      found.addAll(onShard(primary, set));
    }
    found.addAll(versionChange(primary, set));
    return found;
  }

  /** One sentence for each thing in flight that the config server's primary knows. */
  static List<String> onConfigServer(ServerConnection primary) {
    List<String> found = new ArrayList<>();
    BsonDocument held = new BsonDocument("state", new BsonDocument("$ne", new BsonInt32(0)));
    for (BsonDocument lock : some(primary, "locks", held)) {
      String name = BsonFields.string(lock, "_id");
      // Older config servers hold this one all the time, for routers that no longer exist.
      if (!name.equals("balancer")) {
        found.add("lock '%s' is held: %s".formatted(name, BsonFields.string(lock, "why")));
      }
    }
    for (BsonDocument migration : all(primary, "migrations")) {
      found.add(
          "a chunk of %s migrates from %s to %s"
              .formatted(
                  BsonFields.string(migration, "ns"),
                  BsonFields.string(migration, "fromShard"),
                  BsonFields.string(migration, "toShard")));
    }
    for (BsonDocument resharding : all(primary, "reshardingOperations")) {
      found.add("%s is being resharded".formatted(BsonFields.string(resharding, "ns")));
    }
    return found;
  }

  /** One sentence for each thing in flight that a shard's primary knows. */
  static List<String> onShard(ServerConnection primary, String set) {
    List<String> found = new ArrayList<>();
    for (BsonDocument migration : all(primary, "migrationCoordinators")) {
      found.add(
          "shard set '%s' coordinates a migration of %s from %s to %s"
              .formatted(
                  set,
                  BsonFields.string(migration, "nss"),
                  BsonFields.string(migration, "donorShardId"),
                  BsonFields.string(migration, "recipientShardId")));
    }
    for (BsonDocument ddl : all(primary, "system.sharding_ddl_coordinators")) {
      found.add(
          "shard set '%s' coordinates %s on %s"
              .formatted(
                  set,
                  BsonFields.string(ddl, "_id.operationType"),
                  BsonFields.string(ddl, "_id.namespace")));
    }
    return found;
  }

  /** The sentence for a feature compatibility version that is changing, or none. */
  static List<String> versionChange(ServerConnection member, String set) {
    BsonDocument version = featureCompatibility(member);
    return isChanging(version)
        ? List.of(
            "the feature compatibility version of set '%s' changes to %s"
                .formatted(set, BsonFields.string(version, "targetVersion")))
        : List.of();
  }

  static BsonDocument featureCompatibility(ServerConnection member) {
    return BsonFields.document(
        member.admin(
            new BsonDocument("getParameter", new BsonInt32(1))
                .append("featureCompatibilityVersion", new BsonInt32(1))),
        "featureCompatibilityVersion");
  }

  static boolean isChanging(BsonDocument version) {
    return BsonFields.value(version, "targetVersion").isPresent();
  }

  private static List<BsonDocument> all(ServerConnection server, String collection) {
    return some(server, collection, new BsonDocument());
  }

  private static List<BsonDocument> some(
      ServerConnection server, String collection, BsonDocument filter) {
    return server.find(
        "config",
        new BsonDocument("find", new BsonString(collection))
            .append("filter", filter)
            .append("limit", new BsonInt32(LIMIT)));
  }
}
