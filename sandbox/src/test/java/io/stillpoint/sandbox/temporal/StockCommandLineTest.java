package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Everything that a person or a snapshot tool does with nothing but {@code temporal}. */
@Tag("temporal-server")
class StockCommandLineTest {
  @TempDir static Path directory;
  private static TemporalWorld world;

  @BeforeAll
  static void start() {
    world = TemporalWorld.start(directory);
    world.client().registerSearchAttributes();
    world.startWorker();
  }

  @AfterAll
  static void stop() {
    if (world != null) {
      world.close();
    }
  }

  @Test
  void shouldBackUpByHandWithSignalsAlone() {
    world.startBackup(
        "by-hand", "{\"cluster\":\"shop\",\"type\":\"manual\",\"backup\":\"by-hand-1\"}");
    world.awaitPhase("by-hand-1", BackupPhase.COPYING);

    assertThat(
            world.temporal("workflow", "query", "--workflow-id", "by-hand", "--name", "describe"))
        .contains("by-hand-1", "COPYING", "rs0");
    for (String malformed :
        List.of("{\"set\":\"rs9\"}", "{\"sett\":\"rs0\"}", "[1]", "\"rs0\"", "{\"set\":5}")) {
      signal("by-hand", "copyFinished", malformed);
    }
    BackupDescription still = world.await("by-hand-1", d -> d.notes().size() >= 5);
    assertThat(still.phase()).isEqualTo(BackupPhase.COPYING);
    assertThat(still.sets()).noneMatch(BackupDescription.SetDescription::copyFinished);
    assertThat(still.notes())
        .anyMatch(n -> n.contains("no set 'rs9'"))
        .anyMatch(n -> n.contains("{sett=rs0}"));

    signal("by-hand", "copyFinished", "{\"set\":\"rs0\",\"snapshots\":[\"snap-1\"]}");
    assertThat(world.temporal("workflow", "result", "--workflow-id", "by-hand", "--output", "json"))
        .contains("COMPLETED");
    assertThat(world.client().manifest("by-hand-1").status()).isEqualTo(OperationStatus.COMPLETED);
  }

  @Test
  void shouldRefuseASignalThatComesAfterTheEnd() {
    world.startBackup(
        "backup/ended", "{\"cluster\":\"shop\",\"type\":\"manual\",\"backup\":\"ended\"}");
    world.awaitPhase("ended", BackupPhase.COPYING);
    signal("backup/ended", "copyFinished", "{\"snapshots\":[\"mine\"]}");
    world.temporal("workflow", "result", "--workflow-id", "backup/ended");
    String history = history("backup/ended");

    TemporalWorld.Run late =
        world.temporalRun(
            "workflow",
            "signal",
            "--workflow-id",
            "backup/ended",
            "--name",
            "copyFinished",
            "--input",
            "{\"snapshots\":[\"another\"]}");
    TemporalWorld.Run ours =
        CommandLine.run(world.environment(), "backup-finish", "ended", "--set", "rs0");

    assertThat(late.exitCode()).isNotZero();
    assertThat(late.output()).contains("already completed");
    assertThat(ours.exitCode()).isEqualTo(13);
    assertThat(ours.output())
        .contains("[NOT_WAITING]", "'ended'", "HINT: ")
        .doesNotContain("\tat ");
    assertThat(history("backup/ended")).isEqualTo(history);
    assertThat(world.client().manifest("ended").sets())
        .allSatisfy(
            s -> assertThat(s.snapshots()).extracting(SnapshotRef::id).containsExactly("mine"));
  }

  @Test
  void shouldAnswerUpdatesAndRefuseWrongOnes() {
    world.startBackup(
        "backup/answers", "{\"cluster\":\"shop\",\"type\":\"manual\",\"backup\":\"answers\"}");
    world.awaitPhase("answers", BackupPhase.COPYING);

    assertThat(update("backup/answers", "finishCopy", "{\"sett\":\"rs0\"}").output())
        .contains("unknown field 'sett'");
    assertThat(update("backup/answers", "finishCopy", "{\"set\":\"rs9\"}").output())
        .contains("no set 'rs9'");
    assertThatThrownBy(
            () ->
                world
                    .client()
                    .backup("answers")
                    .finishCopy(new CopyFinished(Optional.of("rs9"), List.of())))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.NOT_WAITING));
    assertThat(update("backup/answers", "abort", "[1]").output()).contains("must be a text");
    assertThat(world.client().backup("answers").describe().phase()).isEqualTo(BackupPhase.COPYING);

    assertThat(update("backup/answers", "abort", "\"changed my mind\"").output())
        .contains("is being given up");
    assertThat(world.temporalRun("workflow", "result", "--workflow-id", "backup/answers").output())
        .contains("was aborted: changed my mind");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"cluster":5}                             | 'cluster'
          {"cluster":"shop","type":"foo"}           | type 'foo' is none of
          {"cluster":"shop","dryRun":"x"}           | 'dryRun'
          {"cluster":"shop","snapshot":"x"}         | snapshot
          {"claster":"shop"}                        | 'cluster' is missing
          "shop"                                    | must be an object
          null                                      | 'cluster' is missing
          {"cluster":"nowhere"}                     | nowhere
          """)
  void shouldFailOnceWithAMessageThatNamesTheField(String input, String expected) {
    String id = "wrong-" + Math.abs(input.hashCode());
    world.startBackup(id, input);

    String result = world.temporalRun("workflow", "result", "--workflow-id", id).output();

    assertThat(result).contains("FAILED", expected);
    assertThat(history(id)).doesNotContain("WorkflowTaskFailed");
  }

  @Test
  void shouldFailOnceWithoutAnyInput() {
    world.temporal(
        "workflow",
        "start",
        "--type",
        "SnapshotBackupWorkflow",
        "--task-queue",
        "stillpoint",
        "--workflow-id",
        "nothing");

    assertThat(world.temporalRun("workflow", "result", "--workflow-id", "nothing").output())
        .contains("'cluster' is missing");
  }

  @Test
  void shouldFindOperationsBySearchAttribute() {
    world.startBackup("odd-id", "{\"cluster\":\"shop\",\"type\":\"manual\",\"backup\":\"odd\"}");
    world.awaitPhase("odd", BackupPhase.COPYING);

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                world
                    .temporal(
                        "workflow",
                        "list",
                        "--query",
                        "StillpointCluster='shop' AND StillpointPhase='COPYING'")
                    .contains("odd-id"));
    assertThat(world.client().operation("odd").isRunning()).isTrue();

    world.client().operation("odd").abort("over");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !world.client().operation("odd").isRunning());
  }

  @Test
  void shouldListTheSameByVisibilityAndByCatalog() {
    for (String name : List.of("listed-1", "listed-2")) {
      world.startBackup(
          "run-of-" + name,
          "{\"cluster\":\"shop\",\"type\":\"manual\",\"backup\":\"%s\"}".formatted(name));
      world.awaitPhase(name, BackupPhase.COPYING);
      world.client().backup(name).finishCopy(new CopyFinished(Optional.empty(), List.of()));
      assertThat(world.client().backup(name).await(Duration.ofSeconds(60))).isPresent();
    }

    List<String> catalog =
        world.client().list(Optional.of("shop"), 100).stream()
            .filter(b -> b.status() == OperationStatus.COMPLETED)
            .map(BackupSummary::backup)
            .sorted()
            .toList();
    assertThat(catalog).contains("listed-1", "listed-2");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(byVisibility()).isEqualTo(catalog));
  }

  private static List<String> byVisibility() throws IOException {
    String query =
        "WorkflowType='SnapshotBackupWorkflow' AND ExecutionStatus='Completed'"
            + " AND StillpointCluster='shop'";
    ObjectMapper json = new ObjectMapper();
    List<String> names = new ArrayList<>();
    for (JsonNode run :
        json.readTree(world.temporal("workflow", "list", "--query", query, "--output", "json"))) {
      byte[] value =
          Base64.getDecoder()
              .decode(run.at("/searchAttributes/indexedFields/StillpointBackup/data").asText());
      names.add(json.readValue(value, String.class));
    }
    return names.stream().sorted().toList();
  }

  private static void signal(String id, String name, String input) {
    world.temporal("workflow", "signal", "--workflow-id", id, "--name", name, "--input", input);
  }

  private static TemporalWorld.Run update(String id, String name, String input) {
    return world.temporalRun(
        "workflow", "update", "execute", "--workflow-id", id, "--name", name, "--input", input);
  }

  private static String history(String id) {
    return world.temporal("workflow", "show", "--workflow-id", id);
  }
}
