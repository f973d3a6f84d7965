package io.stillpoint.sandbox.bench;

import io.stillpoint.backup.BackupRequest;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.gce.FakeCompute;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.demo.WorkerProcess;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster of many sets of one member ({@link ManySets}), a simulated Compute Engine with a disk
 * for each, and control workers as processes.
 */
final class Fleet implements AutoCloseable {

  private static final String CLUSTER = "fleet";
  private static final String ZONE = "sim-1a";

  private final Path directory;
  private final String temporal;
  private final List<Runnable> closings = new ArrayList<>();
  private final List<String> members = new ArrayList<>();
  private final Process servers;
  private final FakeCompute cloud;
  private final StillpointClient client;
  private final WorkflowServiceStubs stubs;
  private int number;

  Fleet(Path directory, int sets, String temporal) throws IOException {
    this.directory = directory;
    this.temporal = temporal;
    try {
      servers = startServers(directory.resolve("data"), sets);
      closings.add(() -> servers.destroyForcibly().onExit().join());
      awaitServers();
      cloud =
          new FakeCompute(
              new VolumeDirectories(directory.resolve("cloud")),
              InstantSource.system(),
              CloudTiming.INSTANT);
      closings.add(cloud::close);
      for (int i = 0; i < sets; i++) {
        cloud.addInstance(ZONE, instance(i));
        cloud.addDisk(ZONE, disk(i), instance(i), "mongo", 8);
      }
      client =
          StillpointClient.connect(new ConnectionOptions(Optional.of(temporal), Optional.empty()));
      closings.add(client::close);
      stubs =
          WorkflowServiceStubs.newServiceStubs(
              WorkflowServiceStubsOptions.newBuilder().setTarget(temporal).build());
      closings.add(stubs::shutdownNow);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static Process startServers(Path data, int sets) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xss512k",
            "-Xmx1g",
            "-cp",
            System.getProperty("java.class.path"),
            ManySets.class.getName(),
            data.toString(),
            String.valueOf(sets))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private void awaitServers() throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(servers.getInputStream(), StandardCharsets.UTF_8));
    List<String> said = new ArrayList<>();
    for (String line = out.readLine(); !"ready".equals(line); line = out.readLine()) {
      if (line == null) {
        throw new IOException("the simulated sets did not start: " + said);
      }
      said.add(line);
      if (line.startsWith("member ")) {
        members.add(line.substring("member ".length()));
      }
    }
  }

  /** Of every call to the cloud from now on. */
  void delay(Duration time) {
    cloud.delay(time);
  }

  /** Whether every set takes writes by itself, or none. */
  void busy(boolean on) throws IOException {
    servers.getOutputStream().write((on ? "busy\n" : "idle\n").getBytes(StandardCharsets.UTF_8));
    servers.getOutputStream().flush();
  }

  /** Starts a control worker; ends with this fleet, or before by {@link WorkerProcess#stop()}. */
  WorkerProcess startWorker(String name) throws IOException {
    Path file = Files.createDirectories(directory.resolve("workers")).resolve(name + ".yml");
    Files.createDirectories(directory.resolve("catalog"));
    StringBuilder text = new StringBuilder();
    text.append(
        """
        stillpoint:
          roles: [control]
          identity: %s
          health: { port: %d }
          catalog: { directory: "%s" }
          clusters: { %s: { uri: "mongodb://%s/?directConnection=true" } }
          gce:
            endpoint: %s
            project: bench
            volumes:
        """
            .formatted(
                name,
                new FreePorts().next(),
                directory.resolve("catalog"),
                CLUSTER,
                members.get(0),
                cloud.endpoint()));
    for (int i = 0; i < members.size(); i++) {
      text.append(
          "      - { member: \"%s\", instance: %s, volume: %s, zone: %s }\n"
              .formatted(members.get(i), instance(i), disk(i), ZONE));
    }
    Files.writeString(file, text);
    WorkerProcess worker = WorkerProcess.start(name, file, temporal, Map.of());
    closings.add(worker::stop);
    return worker;
  }

  BackupOperation startBackup(SnapshotType type) {
    return client.startBackup(BackupRequest.of(CLUSTER, "fleet-" + ++number, type));
  }

  WorkflowHistory history(BackupOperation backup) {
    return WorkflowHistory.of(stubs, WorkflowIds.backup(backup.name()));
  }

  long serversPid() {
    return servers.pid();
  }

  private static String instance(int set) {
    return "vm-" + set;
  }

  private static String disk(int set) {
    return "disk-" + set;
  }

  @Override
  public void close() {
    for (int i = closings.size() - 1; i >= 0; i--) {
      closings.get(i).run();
    }
    closings.clear();
  }
}
