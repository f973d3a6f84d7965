package io.stillpoint.sandbox.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.temporal.testserver.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics and spans as they leave a worker through a backup and a restore. */
class ObservabilityTest {
  private static final Path FILES = Path.of("..", "deploy", "observability");
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Pattern METRIC = Pattern.compile("\\b(?:stillpoint|temporal)_[a-z_]+\\b");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)");

  /** Given by Prometheus itself, to every sample. */
  private static final Set<String> LABELS_OF_PROMETHEUS = Set.of("instance", "job");

  @TempDir Path directory;

  @Test
  void shouldShowABackupInMetricsAndSpans() throws Exception {
    int port = new FreePorts().next();
    TestServer.PortBoundTestServer temporal = TestServer.createPortBoundServer(port);
    try (SpanReceiver spans = new SpanReceiver();
        OneMachine machine =
            new OneMachine(
                directory,
                "127.0.0.1:" + port,
                Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", spans.endpoint()));
        StillpointClient client = client("127.0.0.1:" + port)) {
      String during = scrapeWithOpenCursor(client, machine);
      backUpAndRestore(client);
      // The SDK reports every 10 seconds; how polls fail is only counted once they do.
      temporal.close();
      String after =
          Awaitility.await()
              .atMost(PATIENCE)
              .until(
                  () -> scrape(machine), text -> text.contains("temporal_long_request_failure_"));
      machine.stopWorker();

      assertThat(during).contains("stillpoint_cursors_open{cluster=\"shop\"} 1.0");
      assertThat(after).contains("stillpoint_cursors_open{cluster=\"shop\"} 0.0");
      assertThat(named(after)).containsAll(named(alerts())).containsAll(named(dashboard()));
      assertThat(labels(after)).containsAll(labelsNamed(alerts() + dashboard()));
      requireSpansOfTheBackup(spans.spans());
    } finally {
      temporal.close();
    }
  }

  private String scrapeWithOpenCursor(StillpointClient client, OneMachine machine)
      throws Exception {
    var backup = client.startBackup(BackupRequest.of("shop", "by-hand", SnapshotType.MANUAL));
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(StillpointException.class::isInstance)
        .until(() -> backup.describe().phase() == BackupPhase.COPYING);
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> scrape(machine).contains("stillpoint_cursors_open{cluster=\"shop\"} 1.0"));
    String scraped = scrape(machine);
    backup.finishCopy(new CopyFinished(Optional.empty(), List.of()));
    assertThat(backup.await(PATIENCE)).isPresent();
    return scraped;
  }

  private static void backUpAndRestore(StillpointClient client) {
    var backup = client.startBackup(BackupRequest.of("shop", "copied", SnapshotType.DIRECTORY));
    assertThat(backup.await(PATIENCE)).isPresent();
    var restore =
        client.startRestore(RestoreRequest.of("copied", "copied-restore", Optional.of("shop")));
    assertThat(restore.await(PATIENCE)).isPresent();
    assertThatThrownBy(() -> client.manifest("never-taken"))
        .isInstanceOf(StillpointException.class);
  }

  private static void requireSpansOfTheBackup(List<SpanReceiver.Span> spans) {
    assertThat(spans)
        .extracting(SpanReceiver.Span::name)
        .contains(
            "RunWorkflow:SnapshotBackupWorkflow",
            "StartActivity:SnapshotCut",
            "RunActivity:SnapshotCut",
            "RunActivity:CursorKeepAlive",
            "RunWorkflow:SnapshotRestoreWorkflow");
    SpanReceiver.Span cut = span(spans, "RunActivity:SnapshotCut");
    SpanReceiver.Span asked = span(spans, "StartActivity:SnapshotCut");
    assertThat(cut.parent()).isEqualTo(asked.id());
    assertThat(cut.attributes())
        .containsEntry("workflowId", "backup/copied")
        .containsKey("activityId");
    assertThat(spans)
        .filteredOn(s -> s.name().equals("RunWorkflow:SnapshotBackupWorkflow"))
        .extracting(SpanReceiver.Span::trace)
        .contains(cut.trace());
    assertThat(spans).extracting(SpanReceiver.Span::service).containsOnly("stillpoint");
  }

  private static SpanReceiver.Span span(List<SpanReceiver.Span> spans, String name) {
    return spans.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  private static StillpointClient client(String address) {
    return StillpointClient.connect(
        new ConnectionOptions(Optional.of(address), Optional.empty(), Map.of()));
  }

  private static String scrape(OneMachine machine) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:%d/prometheus".formatted(machine.port())))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static String alerts() throws IOException {
    return Files.readString(FILES.resolve("alerts.yml"));
  }

  /** What its panels and variables ask for. */
  private static String dashboard() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(FILES.resolve("dashboard.json").toFile());
    StringBuilder queries = new StringBuilder();
    dashboard
        .at("/panels")
        .findValues("expr")
        .forEach(e -> queries.append(e.asText()).append('\n'));
    dashboard
        .at("/templating/list")
        .findValues("query")
        .forEach(q -> queries.append(q.asText()).append('\n'));
    assertThat(queries).isNotEmpty();
    return queries.toString();
  }

  private static Set<String> named(String text) {
    Set<String> names = new TreeSet<>();
    // Comments of a scrape name families, not samples.
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> METRIC.matcher(line).results().forEach(m -> names.add(m.group())));
    return names;
  }

  private static Set<String> labelsNamed(String queries) {
    Set<String> labels = new TreeSet<>();
    GROUPING
        .matcher(queries)
        .results()
        .forEach(m -> labels.addAll(List.of(m.group(1).split(", *"))));
    labels.removeAll(LABELS_OF_PROMETHEUS);
    assertThat(labels).isNotEmpty();
    return labels;
  }

  private static Set<String> labels(String scraped) {
    Set<String> labels = new TreeSet<>();
    Pattern.compile("[{,]([a-z_]+)=\"")
        .matcher(scraped)
        .results()
        .forEach(m -> labels.add(m.group(1)));
    return labels;
  }
}
