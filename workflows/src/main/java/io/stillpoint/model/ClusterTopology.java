package io.stillpoint.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Optional;

/**
 * A cluster as it was seen at one moment.
 *
 * @param clusterId the sharded cluster's own id, empty for a single replica set
 * @param routers addresses of the mongos that the worker's configuration names
 * @param inFlight what is moving right now and must be waited for (migrations, DDL), one sentence
 *     each
 */
public record ClusterTopology(
    String cluster,
    String clusterId,
    boolean sharded,
    List<ReplicaSetState> replicaSets,
    List<String> routers,
    List<String> inFlight) {

  public ClusterTopology {
    replicaSets = List.copyOf(replicaSets);
    routers = List.copyOf(routers);
    inFlight = List.copyOf(inFlight);
  }

  public Optional<ReplicaSetState> replicaSet(String name) {
    return replicaSets.stream().filter(s -> s.name().equals(name)).findFirst();
  }

  @JsonIgnore
  public Optional<ReplicaSetState> configServer() {
    return replicaSets.stream().filter(s -> s.role().isConfigServer()).findFirst();
  }
}
