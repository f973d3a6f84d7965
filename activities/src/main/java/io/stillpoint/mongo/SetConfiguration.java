package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.List;

/** Reads a replica set's configuration. */
public final class SetConfiguration {

  private final MongoConnections connections;
  private final LayoutReader layouts;

  public SetConfiguration(MongoConnections connections) {
    this.connections = connections;
    this.layouts = new LayoutReader(connections);
  }

  /** The whole configuration as canonical extended JSON. */
  public String read(String cluster, String set) {
    ClusterLayout layout = layouts.read(cluster);
    List<String> names = layout.sets().stream().map(SetAddress::name).toList();
    SetAddress address =
        layout.sets().stream()
            .filter(s -> s.name().equals(set))
            .findFirst()
            .orElseThrow(
                () ->
                    new StillpointException(
                        ErrorCode.BAD_INPUT,
                        "cluster '%s' has no replica set '%s', it has %s"
                            .formatted(cluster, set, names),
                        "use one of its sets"));
    return ExtendedJson.write(ReplicaSetView.read(connections, cluster, address).configuration());
  }
}
