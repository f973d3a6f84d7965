package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;

/** Finds the primary of a replica set. */
final class SetPrimary {

  private SetPrimary() {}

  /**
   * @throws StillpointException MONGO_UNREACHABLE (retryable) if the set has none now
   */
  static ServerConnection find(MongoConnections connections, String cluster, SetAddress set) {
    ReplicaSetView view = ReplicaSetView.read(connections, cluster, set);
    String primary =
        view.primary()
            .orElseThrow(
                () ->
                    new StillpointException(
                        ErrorCode.MONGO_UNREACHABLE,
                        "replica set '%s' has no primary now".formatted(view.set().name()),
                        "it is tried again; an election normally takes some seconds"));
    return connections.server(cluster, primary);
  }
}
