package io.stillpoint.mongo;

import java.util.List;
import java.util.Optional;

/**
 * The replica sets of a cluster and where to find them.
 *
 * @param clusterId empty for a single replica set
 * @param sets the config server first, then the shards
 */
record ClusterLayout(
    String cluster, String clusterId, List<SetAddress> sets, List<String> routers) {

  ClusterLayout {
    sets = List.copyOf(sets);
    routers = List.copyOf(routers);
  }

  boolean sharded() {
    return configServer().isPresent();
  }

  Optional<SetAddress> configServer() {
    return sets.stream().filter(s -> s.role().isConfigServer()).findFirst();
  }
}
