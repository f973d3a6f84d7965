package io.stillpoint.sandbox.operations;

import io.micronaut.context.ApplicationContext;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.worker.WorkerApplication;
import io.stillpoint.worker.settings.SettingsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A cluster named "shop" of one set with one member, and one worker with both roles. */
final class OneMachine implements AutoCloseable {
  private final LocalCluster cluster;
  private final ApplicationContext worker;
  private final int port = new FreePorts().next();

  /**
   * @param temporal address of the Temporal server
   * @param environment of the worker
   */
  OneMachine(Path directory, String temporal, Map<String, String> environment) throws IOException {
    cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(
                directory.resolve("mongo"), ServerPrograms.fromSystemProperties(), 1));
    try {
      Files.createDirectories(directory.resolve("catalog"));
      Files.createDirectories(directory.resolve("snapshots"));
      Path file =
          Files.writeString(directory.resolve("worker.yml"), settings(directory, temporal, port));
      worker = WorkerApplication.start(SettingsFile.read(Optional.of(file), Map.of()), environment);
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private String settings(Path directory, String temporal, int port) {
    LocalServer member = cluster.members().get(0);
    return """
    stillpoint:
      roles: [control, node]
      temporal: { address: "%s" }
      catalog: { directory: "%s" }
      clusters: { shop: { uri: "%s" } }
      health: { port: %d }
      timing: { keep-alive: 1s, heartbeat: 1s, drain: 1s }
      node:
        snapshot-root: "%s"
        members:
          - address: "%s"
            data-path: "%s"
            mongod: "%s"
            log-path: "%s"
            arguments: [%s]
    """
        .formatted(
            temporal,
            directory.resolve("catalog"),
            cluster.uri(),
            port,
            directory.resolve("snapshots"),
            member.address(),
            member.dbPath(),
            member.argv().get(0),
            member.logPath(),
            member.argv().stream()
                .skip(1)
                .map("\"%s\""::formatted)
                .collect(Collectors.joining(", ")));
  }

  LocalCluster cluster() {
    return cluster;
  }

  /** Where the worker answers /prometheus. */
  int port() {
    return port;
  }

  /** Ends the worker, which sends what it still holds of spans; the cluster stays. */
  void stopWorker() {
    worker.close();
  }

  @Override
  public void close() {
    worker.close();
    cluster.close();
  }
}
