package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.context.ApplicationContext;
import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.StillpointException;
import io.stillpoint.payload.PayloadKeys;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.worker.WorkerApplication;
import io.stillpoint.worker.settings.SettingsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** A real Temporal server, a replica set named "shop", and our real control worker. */
final class TemporalWorld implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final DevServer server;
  private final LocalCluster cluster;
  private final String payloadKeys;
  private final StillpointClient client;
  private final List<ApplicationContext> workers = new ArrayList<>();

  /** What one run of the program {@code temporal} printed. */
  record Run(int exitCode, String output) {}

  /** Skips the test where there is no Temporal server. */
  static TemporalWorld start(Path directory) {
    return encrypted(directory, "");
  }

  /** As {@link #start(Path)}, with these keys for whatever is not started with others. */
  static TemporalWorld encrypted(Path directory, String payloadKeys) {
    Optional<Path> program = DevServer.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    return new TemporalWorld(program.get(), directory, payloadKeys, false);
  }

  /** As {@link #encrypted}, with a key file and users in the cluster. */
  static TemporalWorld guarded(Path directory, String payloadKeys) {
    Optional<Path> program = DevServer.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    return new TemporalWorld(program.get(), directory, payloadKeys, true);
  }

  private TemporalWorld(Path program, Path directory, String payloadKeys, boolean authentication) {
    this.payloadKeys = payloadKeys;
    this.directory = directory;
    server = DevServer.start(program, directory, false);
    ClusterSpec spec =
        ClusterSpec.replicaSet(
            directory.resolve("mongo"), ServerPrograms.fromSystemProperties(), 1);
    cluster = LocalCluster.start(authentication ? spec.withAuthentication() : spec);
    client = newClient(payloadKeys);
  }

  /** With which our command line finds this Temporal server. */
  Map<String, String> environment() {
    return Map.of("TEMPORAL_ADDRESS", server.address(), PayloadKeys.KEYS_VARIABLE, payloadKeys);
  }

  /** One more client, to be closed by the caller. */
  StillpointClient newClient(String keys) {
    return StillpointClient.connect(
        new ConnectionOptions(
            Optional.of(server.address()),
            Optional.empty(),
            Map.of(PayloadKeys.KEYS_VARIABLE, keys)));
  }

  void startWorker() {
    startWorker("", payloadKeys);
  }

  /** A worker that finds Temporal by its environment alone. */
  void startWorker(Map<String, String> environment) {
    startWorker("", payloadKeys, environment);
  }

  /**
   * @param sections further lines of the configuration: clusters first, then whole sections
   */
  void startWorker(Map<String, String> environment, String sections) {
    startWorker("", payloadKeys, environment, sections);
  }

  void startWorkerWithKeys(String keys) {
    startWorker("", keys);
  }

  /** A worker that says which build it is. */
  void startBuild(String build) {
    startWorker(
        ", deployment: { name: stillpoint, build-id: \"%s\" }".formatted(build), payloadKeys);
  }

  private void startWorker(String temporal, String keys) {
    startWorker(temporal, keys, Map.of());
  }

  private void startWorker(String temporal, String keys, Map<String, String> environment) {
    startWorker(temporal, keys, environment, "");
  }

  private void startWorker(
      String temporal, String keys, Map<String, String> environment, String sections) {
    String settings =
        """
        stillpoint:
          temporal: { address: "%s"%s }
          catalog: { directory: "%s" }
          health: { port: %d }
          timing: { keep-alive: 1s, heartbeat: 1s, drain: 1s }
          clusters:
            shop: { uri: "%s" }
        """
                .formatted(
                    server.address(),
                    temporal,
                    directory.resolve("catalog"),
                    new FreePorts().next(),
                    cluster.stillpointUri())
            + sections;
    try {
      Files.createDirectories(directory.resolve("catalog"));
      Path file = Files.writeString(Files.createTempFile(directory, "worker", ".yml"), settings);
      workers.add(
          WorkerApplication.start(
              SettingsFile.read(Optional.of(file), Map.of(PayloadKeys.KEYS_VARIABLE, keys)),
              environment));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void stopWorkers() {
    workers.forEach(ApplicationContext::close);
    workers.clear();
  }

  Path catalog() {
    return directory.resolve("catalog");
  }

  DevServer server() {
    return server;
  }

  StillpointClient client() {
    return client;
  }

  LocalCluster cluster() {
    return cluster;
  }

  /** The stock command line, which must succeed. */
  String temporal(String... arguments) {
    Run run = temporalRun(arguments);
    assertThat(run.exitCode()).as(String.join(" ", arguments) + "\n" + run.output()).isZero();
    return run.output();
  }

  Run temporalRun(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(server.program().toString());
    command.addAll(Arrays.asList(arguments));
    command.addAll(List.of("--address", server.address(), "--color", "never"));
    try {
      Path output = Files.createTempFile(directory, "temporal", ".out");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("no end of: " + String.join(" ", command));
      }
      return new Run(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Starts a backup as a person does who has only the stock command line. */
  void startBackup(String workflowId, String input) {
    temporal(
        "workflow",
        "start",
        "--type",
        "SnapshotBackupWorkflow",
        "--task-queue",
        "stillpoint",
        "--workflow-id",
        workflowId,
        "--input",
        input);
  }

  BackupDescription awaitPhase(String backup, BackupPhase phase) {
    return await(backup, d -> d.phase() == phase);
  }

  BackupDescription await(String backup, Predicate<BackupDescription> condition) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptionsMatching(StillpointException.class::isInstance)
        .until(() -> client.backup(backup).describe(), condition);
  }

  @Override
  public void close() {
    client.close();
    stopWorkers();
    cluster.close();
    server.close();
  }
}
