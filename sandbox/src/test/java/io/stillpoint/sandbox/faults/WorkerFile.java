package io.stillpoint.sandbox.faults;

import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The configuration of one worker process of the campaign.
 *
 * @param health port where it says that it is up
 * @param agent whether hosts depend on it
 */
record WorkerFile(Path path, int health, boolean agent) {

  /** Slow enough that a copy has a middle. */
  private static final int COPY_BYTES_PER_SECOND = 800_000;

  /** Their journals alone are a hundred times as large. */
  private static final int REAL_COPY_BYTES_PER_SECOND = 50_000_000;

  /** Where everything of a world is. */
  record Places(Path directory, Path catalog, Path snapshots, String temporal, FreePorts ports) {}

  static List<WorkerFile> of(Shape shape, LocalCluster cluster, Places places) {
    return switch (shape) {
      case TOGETHER -> List.of(write("worker", true, true, cluster, places));
      case APART ->
          List.of(
              write("control-1", true, false, cluster, places),
              write("agent", false, true, cluster, places));
      case SHARDED ->
          List.of(
              write("control-1", true, false, cluster, places),
              write("control-2", true, false, cluster, places),
              write("agent", false, true, cluster, places));
    };
  }

  private static WorkerFile write(
      String name, boolean control, boolean agent, LocalCluster cluster, Places places) {
    int health = places.ports.next();
    String roles = control && agent ? "control, node" : control ? "control" : "node";
    String text =
        """
        stillpoint:
          roles: [%s]
          identity: %s
          temporal: { address: "%s" }
          catalog: { directory: "%s" }
          health: { port: %d }
          timing: { keep-alive: 1s, heartbeat: 1s, drain: 1s }
        """
            .formatted(roles, name, places.temporal, places.catalog, health);
    if (control) {
      text += cluster(cluster);
    }
    if (agent) {
      text += node(cluster, places);
    }
    try {
      return new WorkerFile(
          Files.writeString(places.directory.resolve(name + ".yml"), text), health, agent);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String cluster(LocalCluster cluster) {
    String routers =
        cluster.mongos().map(m -> ", routers: [\"%s\"]".formatted(m.address())).orElse("");
    return "  clusters: { %s: { uri: \"%s\"%s } }\n"
        .formatted(FaultWorld.CLUSTER, cluster.stillpointUri(), routers);
  }

  private static String node(LocalCluster cluster, Places places) {
    StringBuilder text =
        new StringBuilder(
            """
              node:
                snapshot-root: "%s"
                copy-bytes-per-second: %d
                members:
            """
                .formatted(
                    places.snapshots,
                    cluster.spec().programs().isSimulated()
                        ? COPY_BYTES_PER_SECOND
                        : REAL_COPY_BYTES_PER_SECOND));
    for (LocalServer member : cluster.members()) {
      text.append(
          """
                - address: "%s"
                  data-path: "%s"
                  mongod: "%s"
                  log-path: "%s"
                  arguments: [%s]
          """
              .formatted(
                  member.address(),
                  member.dbPath(),
                  member.argv().get(0),
                  member.logPath(),
                  arguments(member)));
    }
    cluster
        .mongos()
        .ifPresent(
            m ->
                text.append(
                    """
                        routers:
                          - address: "%s"
                            mongos: "%s"
                            arguments: [%s]
                    """
                        .formatted(m.address(), m.argv().get(0), arguments(m))));
    return text.toString();
  }

  private static String arguments(LocalServer server) {
    List<String> argv = server.argv();
    return argv.subList(1, argv.size()).stream()
        .map(a -> '"' + a + '"')
        .collect(Collectors.joining(", "));
  }
}
