package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ReplicaSetRole;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Finds all replica sets of a cluster from whatever server its URI names. */
final class LayoutReader {

  private static final String CONFIG = "config";

  private final MongoConnections connections;

  LayoutReader(MongoConnections connections) {
    this.connections = connections;
  }

  /**
   * @throws StillpointException CLUSTER_UNKNOWN, MONGO_UNREACHABLE, MONGO_NOT_AUTHORIZED,
   *     STANDALONE_SERVER
   */
  ClusterLayout read(String cluster) {
    Set<String> routers = new LinkedHashSet<>(connections.settings(cluster).routers());
    StillpointException unreachable = null;
    for (String seed : connections.seeds(cluster)) {
      ServerConnection server = connections.server(cluster, seed);
      try {
        BsonDocument hello = server.hello();
        if ("isdbgrid".equals(BsonFields.string(hello, "msg"))) {
          routers.add(seed);
        }
        return from(cluster, server, hello, List.copyOf(routers));
      } catch (StillpointException e) {
        if (e.code() != ErrorCode.MONGO_UNREACHABLE) {
          throw e;
        }
        unreachable = e;
      }
    }
    throw new StillpointException(
        ErrorCode.MONGO_UNREACHABLE,
        "no server that the uri of cluster '%s' names answered: %s"
            .formatted(cluster, connections.seeds(cluster)),
        "check that they run and that this worker may connect to them",
        unreachable);
  }

  private ClusterLayout from(
      String cluster, ServerConnection server, BsonDocument hello, List<String> routers) {
    String set = BsonFields.string(hello, "setName");
    if ("isdbgrid".equals(BsonFields.string(hello, "msg"))) {
      String config = BsonFields.string(server.admin("getShardMap"), "map.config");
      return sharded(cluster, configServer(config), routers);
    }
    if (set.isEmpty()) {
      throw standalone(server.address(), BsonFields.flag(hello, "isreplicaset"));
    }
    List<String> hosts = new ArrayList<>(List.of(server.address()));
    BsonFields.strings(hello, "hosts").stream().filter(h -> !hosts.contains(h)).forEach(hosts::add);
    if (BsonFields.value(hello, "configsvr").isPresent()) {
      return sharded(
          cluster, new SetAddress(set, CONFIG, ReplicaSetRole.CONFIG_SERVER, hosts), routers);
    }
    BsonDocument state = server.admin("shardingState");
    if (BsonFields.flag(state, "enabled")) {
      return sharded(cluster, configServer(BsonFields.string(state, "configServer")), routers);
    }
    return new ClusterLayout(
        cluster,
        "",
        List.of(new SetAddress(set, set, ReplicaSetRole.REPLICA_SET, hosts)),
        List.of());
  }

  private static SetAddress configServer(String connection) {
    return SetAddress.parse(CONFIG, ReplicaSetRole.CONFIG_SERVER, connection);
  }

  private ClusterLayout sharded(String cluster, SetAddress config, List<String> routers) {
    StillpointException unreachable = null;
    for (String host : config.hosts()) {
      ServerConnection server = connections.server(cluster, host);
      try {
        return registered(cluster, config, server, routers);
      } catch (StillpointException e) {
        if (e.code() == ErrorCode.MONGO_NOT_AUTHORIZED) {
          throw e;
        }
        unreachable = e;
      }
    }
    throw new StillpointException(
        ErrorCode.MONGO_UNREACHABLE,
        "no member of the config server of cluster '%s' answered: %s"
            .formatted(cluster, config.hosts()),
        "check that they run and that this worker may connect to them",
        unreachable);
  }

  /** Majority, so that a shard is never seen that a failover would take away again. */
  private ClusterLayout registered(
      String cluster, SetAddress config, ServerConnection server, List<String> routers) {
    List<SetAddress> sets = new ArrayList<>();
    boolean holdsData = false;
    for (BsonDocument shard : server.find(CONFIG, majority("shards"))) {
      String id = BsonFields.string(shard, "_id");
      if (id.equals(CONFIG)) {
        holdsData = true;
      } else {
        sets.add(SetAddress.parse(id, ReplicaSetRole.SHARD, BsonFields.string(shard, "host")));
      }
    }
    ReplicaSetRole role = holdsData ? ReplicaSetRole.CONFIG_SHARD : ReplicaSetRole.CONFIG_SERVER;
    sets.add(0, new SetAddress(config.name(), CONFIG, role, config.hosts()));
    String id =
        server.find(CONFIG, majority("version")).stream()
            .findFirst()
            .flatMap(v -> BsonFields.value(v, "clusterId"))
            .filter(BsonValue::isObjectId)
            .map(v -> v.asObjectId().getValue().toHexString())
            .orElse("");
    return new ClusterLayout(cluster, id, sets, routers);
  }

  private static BsonDocument majority(String collection) {
    return new BsonDocument("find", new BsonString(collection))
        .append("readConcern", new BsonDocument("level", new BsonString("majority")));
  }

  private static StillpointException standalone(String address, boolean notInitiated) {
    return new StillpointException(
        ErrorCode.STANDALONE_SERVER,
        notInitiated
            ? "%s was started for a replica set that was never initiated".formatted(address)
            : "%s is a standalone server, which has no oplog and so no consistent point"
                .formatted(address),
        "make it a replica set of one member: start it with --replSet and run rs.initiate()");
  }
}
