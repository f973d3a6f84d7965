package io.stillpoint.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import io.stillpoint.catalog.ListBackupsWorkflow;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.lock.ClusterLockWorkflow;
import io.stillpoint.payload.PayloadKeys;
import io.stillpoint.policy.Payloads;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.retention.RetentionPolicy;
import io.stillpoint.worker.settings.CatalogPlace;
import io.stillpoint.worker.settings.ClusterEntry;
import io.stillpoint.worker.settings.Health;
import io.stillpoint.worker.settings.Role;
import io.stillpoint.worker.settings.TemporalEntry;
import io.stillpoint.worker.settings.Timing;
import io.stillpoint.worker.settings.WorkerSettings;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.api.workflowservice.v1.PollWorkflowTaskQueueRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.testserver.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerApplicationTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir Path directory;

  private WorkerSettings settings(int temporalPort) {
    return settings(temporalPort, 600);
  }

  private WorkerSettings settings(int temporalPort, int cachedWorkflows) {
    return new WorkerSettings(
        Set.of(Role.CONTROL),
        Optional.of("the-tested-worker"),
        new CatalogPlace.Directory(directory.resolve("catalog")),
        Map.of(
            "shop",
            new ClusterEntry("shop", "mongodb://127.0.0.1:1", List.of(), RetentionPolicy.NONE)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new TemporalEntry(
            Optional.of("127.0.0.1:" + temporalPort),
            Optional.empty(),
            cachedWorkflows,
            Optional.empty(),
            PayloadKeys.none()),
        new Timing(Duration.ofSeconds(15), Duration.ofSeconds(3), Duration.ofSeconds(5)),
        new Health("127.0.0.1", 0),
        Map.of(),
        Optional.empty(),
        20);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static HttpResponse<String> get(ApplicationContext context, String path)
      throws IOException, InterruptedException {
    URI uri = context.getBean(EmbeddedServer.class).getURI().resolve(path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void shouldSayWhichPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Health health = new Health("127.0.0.1", taken.getLocalPort());

      assertThatThrownBy(() -> WorkerApplication.requireFree(health))
          .isInstanceOfSatisfying(
              StillpointException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
          .hasMessageContaining("stillpoint.health 127.0.0.1:" + taken.getLocalPort());
    }
    WorkerApplication.requireFree(new Health("127.0.0.1", 0));
  }

  @Test
  void shouldWaitForTemporalThenServeAndDrain() throws Exception {
    int port = freePort();
    ApplicationContext context = WorkerApplication.start(settings(port));
    try {
      assertThat(get(context, "/health").statusCode()).isEqualTo(503);
      assertThat(get(context, "/health").body()).contains("not polling");

      try (var server = TestServer.createPortBoundServer(port)) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(get(context, "/health").statusCode()).isEqualTo(200));
        assertThat(server).isNotNull();
        assertThat(get(context, "/health").body()).contains(TaskQueues.CONTROL);
        assertThat(listBackups(port)).isEmpty();
        assertThat(get(context, "/prometheus").body()).contains("temporal_");

        WorkerLifecycle lifecycle = context.getBean(WorkerLifecycle.class);
        context.close();
        assertThat(lifecycle.isPolling()).isFalse();
      }
    } finally {
      context.close();
    }
  }

  @Test
  void shouldLeaveNoTaskToItselfWhenItKeepsNoWorkflows() throws Exception {
    int port = freePort();
    try (var server = TestServer.createPortBoundServer(port)) {
      assertThat(server).isNotNull();
      WorkflowServiceStubs stubs = stubs(port);
      ApplicationContext context = WorkerApplication.start(settings(port, 0));
      try {
        ClusterLockWorkflow lock =
            WorkflowClient.newInstance(stubs)
                .newWorkflowStub(
                    ClusterLockWorkflow.class,
                    WorkflowOptions.newBuilder()
                        .setTaskQueue(TaskQueues.CONTROL)
                        .setWorkflowId("lock/shop")
                        .build());
        WorkflowExecution started = WorkflowClient.start(lock::hold, "somebody");
        await().atMost(PATIENCE).until(() -> hasCompletedATask(stubs, started));
        context.close();
        lock.release();

        assertThat(nextTask(stubs)).isEqualTo("lock/shop");
      } finally {
        context.close();
        stubs.shutdownNow();
      }
    }
  }

  private static boolean hasCompletedATask(WorkflowServiceStubs stubs, WorkflowExecution of) {
    return stubs
        .blockingStub()
        .getWorkflowExecutionHistory(
            GetWorkflowExecutionHistoryRequest.newBuilder()
                .setNamespace("default")
                .setExecution(of)
                .build())
        .getHistory()
        .getEventsList()
        .stream()
        .anyMatch(e -> e.getEventType() == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
  }

  /** What any other worker would be given; nothing, if the task waits for the worker of before. */
  private static String nextTask(WorkflowServiceStubs stubs) {
    return stubs
        .blockingStub()
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .pollWorkflowTaskQueue(
            PollWorkflowTaskQueueRequest.newBuilder()
                .setNamespace("default")
                .setTaskQueue(TaskQueue.newBuilder().setName(TaskQueues.CONTROL))
                .build())
        .getWorkflowExecution()
        .getWorkflowId();
  }

  private static WorkflowServiceStubs stubs(int port) {
    return WorkflowServiceStubs.newServiceStubs(
        WorkflowServiceStubsOptions.newBuilder().setTarget("127.0.0.1:" + port).build());
  }

  private static List<?> listBackups(int port) {
    WorkflowServiceStubs stubs = stubs(port);
    try {
      WorkflowClient client =
          WorkflowClient.newInstance(
              stubs,
              WorkflowClientOptions.newBuilder().setDataConverter(Payloads.converter()).build());
      return client
          .newWorkflowStub(
              ListBackupsWorkflow.class,
              WorkflowOptions.newBuilder()
                  .setTaskQueue(TaskQueues.CONTROL)
                  .setWorkflowExecutionTimeout(PATIENCE)
                  .build())
          .list(new ListBackupsWorkflow.ListRequest(Optional.empty(), 10));
    } finally {
      stubs.shutdownNow();
    }
  }

  @Test
  void shouldTakeConfigurationFileFromArgumentOrEnvironment() {
    Map<String, String> environment = Map.of("STILLPOINT_CONFIG", "/e.yml");

    assertThat(WorkerApplication.file(new String[0], environment)).contains(Path.of("/e.yml"));
    assertThat(WorkerApplication.file(new String[] {"--config", "/a.yml"}, environment))
        .contains(Path.of("/a.yml"));
    assertThat(WorkerApplication.file(new String[] {"--config=/a.yml"}, environment))
        .contains(Path.of("/a.yml"));
    assertThat(WorkerApplication.file(new String[0], Map.of())).isEmpty();
    assertThatThrownBy(() -> WorkerApplication.file(new String[] {"--conf", "x"}, environment))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
