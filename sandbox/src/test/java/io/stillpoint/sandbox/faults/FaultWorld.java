package io.stillpoint.sandbox.faults;

import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.invariant.ClusterInvariants;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A real Temporal server behind a cord that can be cut, a replica set of one member, and one worker
 * process of both roles whose supervisor starts it again whenever it dies.
 */
final class FaultWorld implements AutoCloseable {

  static final String CLUSTER = "shop";

  /** Slow enough that a copy has a middle. */
  private static final int COPY_BYTES_PER_SECOND = 400_000;

  private final Path directory;
  private final DevServer temporal;
  private final CutCord cord;
  private final LocalCluster cluster;
  private final ClusterInvariants invariants;
  private final StillpointClient client;
  private final List<String> command;
  private final Thread supervisor = new Thread(this::supervise, "supervisor");
  private volatile boolean wanted = true;
  private volatile Process worker;

  FaultWorld(Path program, Path directory) {
    this.directory = directory;
    makeDirectories();
    temporal = DevServer.start(program, directory, false);
    cord = new CutCord(temporal.address());
    cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(
                directory.resolve("mongo"), ServerPrograms.fromSystemProperties(), 1));
    invariants =
        new ClusterInvariants(
            cluster, CLUSTER, directory.resolve("catalog"), directory.resolve("snapshots"));
    client =
        StillpointClient.connect(
            new ConnectionOptions(Optional.of(temporal.address()), Optional.empty()));
    command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            FaultyWorker.class.getName(),
            fault().toString(),
            configuration().toString());
    supervisor.setDaemon(true);
    supervisor.start();
  }

  /** Where the next fault is laid. */
  Path fault() {
    return directory.resolve("fault");
  }

  StillpointClient client() {
    return client;
  }

  LocalCluster cluster() {
    return cluster;
  }

  LocalServer member() {
    return cluster.members().get(0);
  }

  DevServer temporal() {
    return temporal;
  }

  CutCord cord() {
    return cord;
  }

  ClusterInvariants invariants() {
    return invariants;
  }

  Path log() {
    return directory.resolve("worker.log");
  }

  Path catalog() {
    return directory.resolve("catalog");
  }

  /** kill -9; the supervisor starts another at once. */
  void killWorker() {
    worker.destroyForcibly().onExit().join();
  }

  /** Kills the worker and starts no other before {@link #returnWorker()}. */
  void removeWorker() {
    wanted = false;
    killWorker();
  }

  void returnWorker() {
    wanted = true;
  }

  private void supervise() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        if (wanted && (worker == null || !worker.isAlive())) {
          worker =
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                  .start();
        }
        Thread.sleep(200);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path configuration() {
    List<String> argv = member().argv();
    String arguments =
        argv.subList(1, argv.size()).stream()
            .map(a -> '"' + a + '"')
            .collect(Collectors.joining(", "));
    String text =
        """
        stillpoint:
          roles: [control, node]
          identity: worker
          temporal: { address: "%s" }
          catalog: { directory: "%s" }
          clusters: { %s: { uri: "%s" } }
          health: { port: %d }
          timing: { keep-alive: 1s, heartbeat: 1s, drain: 1s }
          node:
            snapshot-root: "%s"
            copy-bytes-per-second: %d
            members:
              - address: "%s"
                data-path: "%s"
                mongod: "%s"
                log-path: "%s"
                arguments: [%s]
        """
            .formatted(
                cord.address(),
                catalog(),
                CLUSTER,
                cluster.uri(),
                new FreePorts().next(),
                directory.resolve("snapshots"),
                COPY_BYTES_PER_SECOND,
                member().address(),
                member().dbPath(),
                argv.get(0),
                member().logPath(),
                arguments);
    try {
      return Files.writeString(directory.resolve("worker.yml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void makeDirectories() {
    try {
      Files.createDirectories(directory.resolve("catalog"));
      Files.createDirectories(directory.resolve("snapshots"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    supervisor.interrupt();
    List<Runnable> steps = new ArrayList<>();
    steps.add(client::close);
    steps.add(
        () -> {
          if (worker != null) {
            killWorker();
          }
        });
    steps.add(cluster::close);
    steps.add(cord::close);
    steps.add(temporal::close);
    steps.forEach(Runnable::run);
  }
}
