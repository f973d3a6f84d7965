package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.ReplicaSetState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a configured name means the servers that were found, and nothing else means them too.
 * "One operation per cluster" is held by name, so a second name would let a backup run beside a
 * restore of the same servers.
 */
final class ClusterIdentity {

  private final MongoConnections connections;

  ClusterIdentity(MongoConnections connections) {
    this.connections = connections;
  }

  /**
   * @throws StillpointException CONFIGURATION_INVALID
   */
  void require(ClusterTopology topology) {
    requireNamedSet(topology);
    Set<String> found = new HashSet<>(topology.routers());
    topology.replicaSets().stream()
        .flatMap(set -> set.members().stream())
        .map(MemberState::address)
        .forEach(found::add);
    connections.catalogServers().stream()
        .filter(found::contains)
        .findFirst()
        .ifPresent(
            server -> {
              throw new StillpointException(
                  ErrorCode.CONFIGURATION_INVALID,
                  "the catalog is kept on cluster '%s' itself: both have %s"
                      .formatted(topology.cluster(), server),
                  "keep it in a directory or on another deployment: a restore would take it back"
                      + " to what it was");
            });
    for (String other : connections.otherNames(topology.cluster())) {
      connections.namedServers(other).stream()
          .filter(found::contains)
          .findFirst()
          .ifPresent(
              server -> {
                throw new StillpointException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "clusters '%s' and '%s' are the same servers: both have %s"
                        .formatted(topology.cluster(), other, server),
                    "leave one of the two under stillpoint.clusters and restart the workers");
              });
    }
  }

  private void requireNamedSet(ClusterTopology topology) {
    List<String> sets = topology.replicaSets().stream().map(ReplicaSetState::name).toList();
    connections
        .namedSet(topology.cluster())
        .filter(wanted -> !sets.contains(wanted))
        .ifPresent(
            wanted -> {
              throw new StillpointException(
                  ErrorCode.CONFIGURATION_INVALID,
                  "the uri of cluster '%s' asks for replica set '%s', its servers are of %s"
                      .formatted(topology.cluster(), wanted, sets),
                  "correct hosts or replicaSet in the uri and restart the workers");
            });
  }
}
