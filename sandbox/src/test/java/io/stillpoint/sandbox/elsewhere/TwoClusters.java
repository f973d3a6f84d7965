package io.stillpoint.sandbox.elsewhere;

import io.micronaut.context.ApplicationContext;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.restore.RestoreResult;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.worker.WorkerApplication;
import io.stillpoint.worker.settings.SettingsFile;
import io.temporal.testserver.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A source and a target cluster, and one worker with both roles that serves them. */
final class TwoClusters implements AutoCloseable {
  static final String SOURCE = "shop";
  static final String TARGET = "copy";

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final Path directory;
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final LocalCluster source;
  private final LocalCluster target;
  private final StillpointClient client;

  TwoClusters(Path directory, ClusterSpec sourceSpec, ClusterSpec targetSpec) {
    this.directory = directory;
    try {
      source = add(LocalCluster.start(sourceSpec));
      target = add(LocalCluster.start(targetSpec));
      int port = new FreePorts().next();
      add(TestServer.createPortBoundServer(port)::close);
      String temporal = "127.0.0.1:" + port;
      ApplicationContext worker =
          WorkerApplication.start(SettingsFile.read(Optional.of(settings(temporal)), Map.of()));
      add(worker::close);
      client =
          add(
              StillpointClient.connect(
                  new ConnectionOptions(Optional.of(temporal), Optional.empty())));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T add(T resource) {
    closing.add(resource);
    return resource;
  }

  LocalCluster source() {
    return source;
  }

  LocalCluster target() {
    return target;
  }

  StillpointClient client() {
    return client;
  }

  /** Backs the source up, and gives the consistent point. */
  ClusterTime backUp(String name) {
    return client
        .startBackup(BackupRequest.of(SOURCE, name, SnapshotType.DIRECTORY))
        .await(PATIENCE)
        .orElseThrow(() -> new IllegalStateException("the backup did not end"))
        .summary()
        .orElseThrow()
        .consistentPoint()
        .orElseThrow();
  }

  /** Restores onto the target, whose name is confirmed. */
  RestoreResult restore(String backup, Map<String, String> map) {
    return client
        .startRestore(
            new RestoreRequest(
                backup,
                Optional.of(TARGET),
                Optional.of(backup + "-restore"),
                Optional.of(TARGET),
                false,
                Optional.empty(),
                Optional.empty(),
                map))
        .await(PATIENCE)
        .orElseThrow(() -> new IllegalStateException("the restore did not end"));
  }

  /** Every address of a cluster's servers. */
  static List<String> addresses(LocalCluster cluster) {
    return Stream.concat(cluster.members().stream(), cluster.mongos().stream())
        .map(LocalServer::address)
        .toList();
  }

  private Path settings(String temporal) {
    String text =
        """
        stillpoint:
          roles: [control, node]
          temporal: { address: "%s", cached-workflows: 0 }
          catalog: { directory: "%s" }
          health: { port: %d }
          clusters:
        %s%s  node:
            snapshot-root: "%s"
            members:
        %s    routers:
        %s"""
            .formatted(
                temporal,
                makeDirectory("catalog"),
                new FreePorts().next(),
                clusterLine(SOURCE, source),
                clusterLine(TARGET, target),
                makeDirectory("snapshots"),
                lines(source) + lines(target),
                routerLine(source) + routerLine(target));
    try {
      return Files.writeString(directory.resolve("worker.yml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String clusterLine(String name, LocalCluster cluster) {
    return "    %s: { uri: \"%s\", routers: [%s] }\n"
        .formatted(
            name,
            cluster.stillpointUri(),
            cluster.mongos().map(m -> '"' + m.address() + '"').orElse(""));
  }

  private String lines(LocalCluster cluster) {
    Path mongod = mongod(cluster.spec().programs());
    return cluster.members().stream()
        .map(
            m ->
                "      - { address: \"%s\", data-path: \"%s\", mongod: \"%s\", log-path: \"%s\", arguments: [%s] }\n"
                    .formatted(m.address(), m.dbPath(), mongod, m.logPath(), arguments(m)))
        .collect(Collectors.joining());
  }

  /** A program of one version only: an agent asks without any argument which version it is. */
  private Path mongod(ServerPrograms programs) {
    if (!programs.isSimulated()) {
      return programs.mongod();
    }
    try {
      Path script = directory.resolve("mongod");
      Files.writeString(
          script,
          "#!/bin/sh\nSTILLPOINT_SIMULATE=%s exec %s \"$@\"\n"
              .formatted(programs.simulate().orElseThrow(), programs.mongod()));
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
      return script;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String routerLine(LocalCluster cluster) {
    return cluster
        .mongos()
        .map(
            m ->
                "      - { address: \"%s\", mongos: \"%s\", arguments: [%s] }\n"
                    .formatted(m.address(), m.argv().get(0), arguments(m)))
        .orElse("");
  }

  private static String arguments(LocalServer server) {
    return server.argv().stream().skip(1).map(a -> '"' + a + '"').collect(Collectors.joining(", "));
  }

  private Path makeDirectory(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Collections.reverse(closing);
    for (AutoCloseable each : closing) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    closing.clear();
  }
}
