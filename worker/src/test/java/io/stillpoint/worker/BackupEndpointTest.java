package io.stillpoint.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupDescription.SetDescription;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.backup.SnapshotBackupWorkflow;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Inputs;
import io.stillpoint.worker.settings.SettingsFile;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.testserver.TestServer;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.Workflow;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over real HTTP, against backups that wait for their copy in an in-memory Temporal. */
class BackupEndpointTest {
  private static final String TOKEN = "a-token-of-enough-characters";
  private static final String QUEUE = "fakes";

  @TempDir private static Path directory;
  private static TestServer.PortBoundTestServer server;
  private static WorkerFactory factory;
  private static ApplicationContext on;
  private static ApplicationContext off;

  @BeforeAll
  static void start() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    server = TestServer.createPortBoundServer(port);
    Path token = Files.writeString(directory.resolve("token"), TOKEN + "\n");
    on = worker(port, "  http: { token-file: '%s' }\n".formatted(token));
    off = worker(port, "");
    WorkflowClient client = on.getBean(WorkflowClient.class);
    factory = WorkerFactory.newInstance(client);
    factory.newWorker(QUEUE).registerWorkflowImplementationTypes(WaitingBackup.class);
    factory.start();
    for (String backup : List.of("b1", "b2", "directory", "ended", "ended-directory", "killed")) {
      WorkflowClient.start(
          client.newWorkflowStub(
                  SnapshotBackupWorkflow.class,
                  WorkflowOptions.newBuilder()
                      .setTaskQueue(QUEUE)
                      .setWorkflowId("backup/" + backup)
                      .build())
              ::run,
          (Object) backup);
    }
  }

  private static ApplicationContext worker(int port, String more) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("worker-%d.yml".formatted(more.length())),
            """
            stillpoint:
              clusters: { shop: { uri: 'mongodb://127.0.0.1:1' } }
              catalog: { directory: '%s' }
              health: { port: 0 }
              temporal: { address: '127.0.0.1:%d' }
            """
                    .formatted(directory, port)
                + more);
    return WorkerApplication.start(SettingsFile.read(Optional.of(file), Map.of()));
  }

  @AfterAll
  static void stop() {
    factory.shutdownNow();
    on.close();
    off.close();
    server.close();
  }

  private static HttpResponse<String> call(
      ApplicationContext worker, String method, String path, String token, String body)
      throws Exception {
    URI uri = worker.getBean(EmbeddedServer.class).getURI().resolve(path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", "application/json");
    if (!token.isEmpty()) {
      request.header("Authorization", token);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String backup, String body) throws Exception {
    return call(on, "POST", "/backups/%s/copy-finished".formatted(backup), "Bearer " + TOKEN, body);
  }

  @Test
  void shouldFinishACopyOnceHoweverOftenItIsSaid() throws Exception {
    HttpResponse<String> before = call(on, "GET", "/backups/b1", "Bearer " + TOKEN, "");
    assertThat(before.statusCode()).isEqualTo(200);
    assertThat(before.body()).contains("\"phase\":\"COPYING\"", "\"copyFinished\":false", "1000,7");

    HttpResponse<String> first = post("b1", "{\"set\":\"s0\",\"snapshots\":[\"snap-1\"]}");
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.body()).contains("s0 finished");
    HttpResponse<String> again = post("b1", "{\"set\":\"s0\",\"snapshots\":[\"snap-1\"]}");
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.body()).contains("was reported finished before");

    assertThat(post("b1", "").body()).contains("s1 finished");
    assertThat(post("b1", "").statusCode()).as("after the end").isEqualTo(200);
    assertThat(call(on, "GET", "/backups/b1", "Bearer " + TOKEN, "").body())
        .contains("\"status\":\"COMPLETED\"");
  }

  @Test
  void shouldRefuseWrongTokens() throws Exception {
    for (String token :
        List.of(
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            "Basic " + TOKEN,
            TOKEN,
            "Bearer " + TOKEN + "x")) {
      HttpResponse<String> answer = call(on, "POST", "/backups/b2/copy-finished", token, "");
      assertThat(answer.statusCode()).as(token).isEqualTo(401);
      assertThat(answer.body()).doesNotContain(TOKEN);
      assertThat(call(on, "GET", "/backups/b2", token, "").statusCode()).isEqualTo(401);
    }
    assertThat(call(on, "GET", "/backups/b2", "Bearer " + TOKEN, "").body())
        .contains("\"copyFinished\":false")
        .doesNotContain("\"copyFinished\":true");
  }

  @Test
  void shouldTellWhatIsWrong() throws Exception {
    assertThat(post("nobody", "").statusCode()).isEqualTo(404);
    assertThat(call(on, "GET", "/backups/nobody", "Bearer " + TOKEN, "").statusCode())
        .isEqualTo(404);
    HttpResponse<String> unknown = post("b2", "{\"set\":\"s9\"}");
    assertThat(unknown.statusCode()).isEqualTo(409);
    assertThat(unknown.body()).contains("NOT_WAITING", "no set 's9'");
    assertThat(post("directory", "").statusCode()).isEqualTo(409);
    for (String body : List.of("{", "[1]", "{\"sett\":\"s0\"}", "{\"set\":1}")) {
      HttpResponse<String> answer = post("b2", body);
      assertThat(answer.statusCode()).as(body).isEqualTo(400);
      assertThat(answer.body()).contains("BAD_INPUT");
    }
  }

  @Test
  void shouldConflictWithAnEndedBackupAndNotDenyIt() throws Exception {
    on.getBean(WorkflowClient.class).newUntypedWorkflowStub("backup/ended").cancel();
    HttpResponse<String> cancelled =
        Awaitility.await()
            .until(() -> post("ended", ""), answer -> answer.body().contains("has ended"));
    assertThat(cancelled.statusCode()).isEqualTo(409);
    assertThat(cancelled.body()).contains("NOT_WAITING", "backup 'ended' has ended (");

    on.getBean(WorkflowClient.class)
        .newUntypedWorkflowStub("backup/ended-directory")
        .signal("copyFinished", "end");
    Awaitility.await()
        .untilAsserted(() -> assertThat(post("ended-directory", "").body()).contains("has ended"));
    assertThat(post("ended-directory", "").statusCode()).isEqualTo(409);
  }

  /** Nothing of it could say so itself, and a tool that asks must not wait for ever. */
  @Test
  void shouldSayThatATerminatedBackupHasEnded() throws Exception {
    on.getBean(WorkflowClient.class).newUntypedWorkflowStub("backup/killed").terminate("by hand");

    HttpResponse<String> said = post("killed", "");
    assertThat(said.statusCode()).isEqualTo(409);
    assertThat(said.body()).contains("backup 'killed' has ended (TERMINATED)");
    assertThat(call(on, "GET", "/backups/killed", "Bearer " + TOKEN, "").body())
        .contains("\"status\":\"CANCELLED\"", "\"phase\":\"ENDED\"");
  }

  @Test
  void shouldKnowFromTheCatalogWhatTemporalHasForgotten() throws Exception {
    BackupCatalog catalog = on.getBean(CatalogFactory.Catalog.class).backups();
    catalog.begin(
        new BeginRequest("old", "shop", SnapshotType.MANUAL, "backup/old run-1", Map.of()));
    catalog.end("old", "backup/old run-1", OperationStatus.FAILED, "COPY_TIMEOUT: too slow");

    HttpResponse<String> said = post("old", "");
    assertThat(said.statusCode()).isEqualTo(409);
    assertThat(said.body()).contains("NOT_WAITING", "backup 'old' has ended (FAILED)");
    assertThat(call(on, "GET", "/backups/old", "Bearer " + TOKEN, "").body())
        .contains("\"status\":\"FAILED\"", "\"phase\":\"ENDED\"");
  }

  @Test
  void shouldFindABackupByTheWorkflowThatItsRecordNames() throws Exception {
    on.getBean(CatalogFactory.Catalog.class)
        .backups()
        .begin(new BeginRequest("by-hand", "shop", SnapshotType.MANUAL, "backup/b2 run", Map.of()));

    assertThat(call(on, "GET", "/backups/by-hand", "Bearer " + TOKEN, "").body())
        .contains("\"backup\":\"b2\"");
  }

  @Test
  void shouldAnswerWhatNoEndpointTakesInTheSameForm() throws Exception {
    HttpResponse<String> method =
        call(on, "DELETE", "/backups/b2/copy-finished", "Bearer " + TOKEN, "");
    assertThat(method.statusCode()).isEqualTo(405);
    assertThat(method.body()).startsWith("{\"error\":{").contains("\"METHOD_NOT_ALLOWED\"");
    for (ApplicationContext worker : List.of(on, off)) {
      HttpResponse<String> path = call(worker, "GET", "/backup/b2", "Bearer " + TOKEN, "");
      assertThat(path.statusCode()).isEqualTo(404);
      assertThat(path.body()).startsWith("{\"error\":{").contains("\"NOT_FOUND\"");
    }
    assertThat(call(off, "GET", "/backups/b2", "Bearer " + TOKEN, "").body())
        .startsWith("{\"error\":{")
        .contains("NOT_FOUND");
  }

  /** RFC 7235, 2.1. */
  @Test
  void shouldTakeTheSchemeInAnyCase() throws Exception {
    for (String scheme : List.of("bearer", "BEARER", "Bearer")) {
      assertThat(call(on, "GET", "/backups/b2", scheme + " " + TOKEN, "").statusCode())
          .as(scheme)
          .isEqualTo(200);
    }
  }

  @Test
  void shouldBeOffWithoutAToken() throws Exception {
    assertThat(call(off, "GET", "/backups/b2", "Bearer " + TOKEN, "").statusCode()).isEqualTo(404);
    assertThat(call(off, "POST", "/backups/b2/copy-finished", "Bearer ", "").statusCode())
        .isEqualTo(404);
  }

  @Test
  void shouldServeOurMetrics() throws Exception {
    String scraped = call(on, "GET", "/prometheus", "", "").body();

    assertThat(scraped).contains("stillpoint_backup_last_good_age_seconds{cluster=\"shop\"} NaN");
  }

  /** Waits for the copies of its two sets. */
  public static final class WaitingBackup implements SnapshotBackupWorkflow {
    private final Set<String> finished = new TreeSet<>();
    private String backup = "";
    private boolean ended;

    @Override
    public BackupResult run(Object request) {
      backup = String.valueOf(request);
      Workflow.await(() -> finished.size() == 2 || ended);
      return new BackupResult(backup, Optional.empty(), List.of(), 0, 0, 1);
    }

    @Override
    public void copyFinished(Object message) {
      ended = true;
    }

    @Override
    public void cursorAdopted(String set, String holder) {}

    @Override
    public String finishCopy(Object typed) {
      CopyFinished message = Inputs.read(typed, CopyFinished.class, "the message", "{}");
      List<String> open = List.of("s0", "s1").stream().filter(s -> !finished.contains(s)).toList();
      List<String> now = message.set().map(List::of).orElse(open);
      finished.addAll(now);
      return String.join(", ", now) + " finished";
    }

    @Override
    public void validateFinishCopy(Object typed) {
      CopyFinished message = Inputs.read(typed, CopyFinished.class, "the message", "{}");
      if (backup.equals("directory") || message.set().equals(Optional.of("s9"))) {
        throw Failures.of(
            ErrorCode.NOT_WAITING, "backup '%s' has no set 's9'".formatted(backup), "");
      }
    }

    @Override
    public String abort(Object reason) {
      return "";
    }

    @Override
    public void validateAbort(Object reason) {}

    @Override
    public BackupDescription describe() {
      boolean ended = finished.size() == 2;
      return new BackupDescription(
          backup,
          "shop",
          backup.equals("directory") ? SnapshotType.DIRECTORY : SnapshotType.MANUAL,
          ended ? OperationStatus.COMPLETED : OperationStatus.RUNNING,
          ended ? BackupPhase.ENDED : BackupPhase.COPYING,
          1,
          Optional.of(new ClusterTime(1000, 7)),
          0,
          BalancerSettings.NONE,
          List.of(set("s0"), set("s1")),
          List.of(),
          "");
    }

    private SetDescription set(String name) {
      return new SetDescription(
          name,
          name,
          "db1:27017",
          "/data",
          "",
          0,
          "",
          0,
          "",
          "",
          0,
          0,
          finished.contains(name),
          false,
          List.of());
    }
  }
}
