package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.sandbox.auth.SelfSigned;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A Temporal server that is guarded as in production, and everything that can be wrong with it. */
@Tag("temporal-server")
class AccessTest {
  private static final String API_KEY = "api-key-7d31";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir static Path directory;
  private static TemporalWorld world;
  private static SelfSigned server;
  private static SelfSigned client;
  private static SelfSigned stranger;
  private static TemporalGate gate;

  @BeforeAll
  static void start() throws Exception {
    world = TemporalWorld.start(directory);
    world.client().registerSearchAttributes();
    server = SelfSigned.create(directory, "server");
    client = SelfSigned.create(directory, "client");
    stranger = SelfSigned.create(directory, "stranger");
    gate =
        TemporalGate.start(
            world.server().address(), server, client, API_KEY, Set.of("AddSearchAttributes"));
  }

  @AfterAll
  static void stop() {
    if (gate != null) {
      gate.close();
    }
    if (world != null) {
      world.close();
    }
  }

  private static Map<String, String> access() {
    return access(client, API_KEY);
  }

  private static Map<String, String> access(SelfSigned who, String apiKey) {
    return Map.of(
        "TEMPORAL_ADDRESS",
        gate.address(),
        "TEMPORAL_API_KEY",
        apiKey,
        "TEMPORAL_TLS_CLIENT_CERT_PATH",
        who.certificate().toString(),
        "TEMPORAL_TLS_CLIENT_KEY_PATH",
        who.key().toString(),
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
        server.certificate().toString());
  }

  private static void assertRefused(Map<String, String> access, int exit, String... expected) {
    TemporalWorld.Run run = CommandLine.run(access, "list");
    assertThat(run.output())
        .contains(expected)
        .contains("HINT: ")
        .doesNotContain("Exception", "\tat ", API_KEY);
    assertThat(run.exitCode()).isEqualTo(exit);
  }

  @Test
  void shouldBackUpThroughClientCertificatesAndAnApiKey() {
    world.startWorker(access());
    try {
      TemporalWorld.Run started =
          CommandLine.run(
              access(), "backup", "--cluster", "shop", "--type", "manual", "--name", "guarded");
      assertThat(started.output()).contains("guarded");
      assertThat(started.exitCode()).isZero();
      world.awaitPhase("guarded", BackupPhase.COPYING);
      // Registered beside the gate; only who brings its API key to the operator service sees it.
      assertThat(
              world.temporal(
                  "workflow", "describe", "--workflow-id", "backup/guarded", "--output", "json"))
          .contains("StillpointCluster");
      assertThat(CommandLine.run(access(), "backup-finish", "guarded").exitCode()).isZero();
      assertThat(CommandLine.run(access(), "watch", "guarded").output()).contains("COMPLETED");
      assertThat(CommandLine.run(access(), "list").output()).contains("guarded");
    } finally {
      world.stopWorkers();
    }
  }

  @Test
  void shouldRefuseWithOneClearErrorAndAHint() {
    assertRefused(access(client, "wrong"), 20, "[TEMPORAL_REFUSED]", "UNAUTHENTICATED");
    assertRefused(access(stranger, API_KEY), 20, "[TEMPORAL_REFUSED]", "no TLS connection");
    Map<String, String> foreign = new HashMap<>(access());
    foreign.put("TEMPORAL_TLS_SERVER_CA_CERT_PATH", stranger.certificate().toString());
    assertRefused(foreign, 20, "[TEMPORAL_REFUSED]", "no TLS connection");
    Map<String, String> missing = new HashMap<>(access());
    missing.put("TEMPORAL_TLS_CLIENT_KEY_PATH", "/nowhere/client.key");
    assertRefused(missing, 2, "[CONFIGURATION_INVALID]", "there is no file /nowhere/client.key");
    Map<String, String> elsewhere = new HashMap<>(access());
    elsewhere.put("TEMPORAL_NAMESPACE", "nowhere");
    assertRefused(elsewhere, 20, "[TEMPORAL_REFUSED]", "no namespace 'nowhere'");
    assertRefused(
        Map.of("TEMPORAL_ADDRESS", gate.address()), 20, "[TEMPORAL_UNREACHABLE]", "TEMPORAL_TLS");
    assertRefused(
        Map.of("TEMPORAL_ADDRESS", "127.0.0.1:" + new FreePorts().next()),
        20,
        "[TEMPORAL_UNREACHABLE]",
        "does not answer");
  }

  @Test
  void shouldSayWhichPermissionIsMissing() {
    world.temporal("operator", "namespace", "create", "--namespace", "bare");
    TemporalWorld.Run run =
        Awaitility.await()
            .atMost(PATIENCE)
            .until(
                () -> CommandLine.run(access(), "setup", "--namespace", "bare"),
                r -> !r.output().contains("no namespace"));

    assertThat(run.output())
        .contains("[TEMPORAL_REFUSED]", "may not add search attributes", "PERMISSION_DENIED")
        .contains("temporal operator search-attribute create");
    assertThat(run.exitCode()).isEqualTo(20);
    try (TemporalGate strict =
        TemporalGate.start(
            world.server().address(), server, client, API_KEY, Set.of("StartWorkflowExecution"))) {
      Map<String, String> access = new HashMap<>(access());
      access.put("TEMPORAL_ADDRESS", strict.address());
      assertRefused(access, 20, "[TEMPORAL_REFUSED]", "PERMISSION_DENIED: not for this role");
    }
  }

  @Test
  void shouldKeepTryingAsAWorkerAndSayWhy() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(log);
    try {
      world.startWorker(access(client, "wrong"));
      Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () ->
                  log.list.stream()
                          .map(ILoggingEvent::getFormattedMessage)
                          .filter(m -> m.contains("UNAUTHENTICATED") && m.contains("HINT: "))
                          .filter(m -> m.contains("keeps trying"))
                          .count()
                      > 1);
    } finally {
      world.stopWorkers();
      root.detachAppender(log);
    }
  }

  /** As an older build of ours would be: it polls, but has never heard of what it is asked for. */
  @Test
  void shouldSayThatAWorkerIsTooOld() {
    WorkflowServiceStubs stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(world.server().address()).build());
    WorkerFactory factory = WorkerFactory.newInstance(WorkflowClient.newInstance(stubs));
    Worker old = factory.newWorker("stillpoint");
    old.registerWorkflowImplementationTypes(OldImpl.class);
    factory.start();
    try {
      TemporalWorld.Run run =
          CommandLine.run(
              Map.of("TEMPORAL_ADDRESS", world.server().address()),
              "backup",
              "--cluster",
              "shop",
              "--type",
              "manual");

      assertThat(run.output())
          .contains("[NO_WORKER]", "SnapshotBackupWorkflow", "HINT: ", "older")
          .doesNotContain("\tat ");
      assertThat(run.exitCode()).isEqualTo(20);
    } finally {
      factory.shutdownNow();
      factory.awaitTermination(10, java.util.concurrent.TimeUnit.SECONDS);
      stubs.shutdownNow();
    }
  }

  /** The only workflow that the older build has. */
  @WorkflowInterface
  public interface Old {
    @WorkflowMethod
    void run();
  }

  /** Does nothing. */
  public static final class OldImpl implements Old {
    @Override
    public void run() {}
  }
}
