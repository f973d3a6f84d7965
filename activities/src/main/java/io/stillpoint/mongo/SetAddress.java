package io.stillpoint.mongo;

import io.stillpoint.model.ReplicaSetRole;
import java.util.List;

/**
 * Where to find a replica set.
 *
 * @param name the set's own name
 * @param shardId how the cluster calls it
 * @param hosts some of its members' addresses
 */
record SetAddress(String name, String shardId, ReplicaSetRole role, List<String> hosts) {

  SetAddress {
    hosts = List.copyOf(hosts);
  }

  /** Reads {@code set/host:port,host:port}. */
  static SetAddress parse(String shardId, ReplicaSetRole role, String connection) {
    int slash = connection.indexOf('/');
    return new SetAddress(
        slash < 0 ? "" : connection.substring(0, slash),
        shardId,
        role,
        List.of(connection.substring(slash + 1).split(",")));
  }
}
