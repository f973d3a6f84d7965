package io.stillpoint.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sim.Faults;
import io.stillpoint.sim.Simulation;
import io.stillpoint.sim.World;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.WorkflowReplayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Histories that earlier code made, replayed by today's. A failure means that operations which run
 * now would get stuck after an upgrade: see docs/failure-modes.md, "Changing workflow code". {@code
 * make histories} records new ones, beside the old: those stay until no such operation can run.
 */
class ReplayTest {

  private static final Path HISTORIES = Path.of("src", "test", "resources", "histories");
  private static final String RECORDED_AS = System.getProperty("stillpoint.histories.write", "");

  static Stream<Path> histories() throws IOException {
    try (Stream<Path> files = Files.list(HISTORIES)) {
      return files.filter(f -> f.toString().endsWith(".json")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("histories")
  void shouldReplayWhatEarlierCodeDid(Path file) throws Exception {
    WorkflowExecutionHistory history = WorkflowExecutionHistory.fromJson(Files.readString(file));

    try (Simulation simulation = new Simulation(new World(1, 2), Faults.none())) {
      WorkflowReplayer.replayWorkflowExecution(history, simulation.controlWorker());
    }
  }

  /** That the replay can fail: another cluster's history has other steps. */
  @Test
  void shouldNoticeADifferentStep() throws Exception {
    String text = Files.readString(HISTORIES.resolve("backup-completed.json"));
    WorkflowExecutionHistory other =
        WorkflowExecutionHistory.fromJson(text.replace("CursorFixPoint", "CursorFixedPoint"));

    try (Simulation simulation = new Simulation(new World(1, 2), Faults.none())) {
      assertThatThrownBy(
              () -> WorkflowReplayer.replayWorkflowExecution(other, simulation.controlWorker()))
          .hasMessageContaining("CursorFixedPoint");
    }
  }

  /** Writes the histories under names that begin as told; does nothing unless it is told to. */
  @Test
  void shouldRecordHistoriesWhenAsked() throws IOException {
    if (RECORDED_AS.isEmpty()) {
      assertThat(HISTORIES).isDirectoryContaining("glob:**.json");
      return;
    }
    record("completed", Faults.none());
    World world = new World(1, 2);
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await().until(() -> simulation.describe(backup).phase() == BackupPhase.COPYING);
      write(simulation, "backup/b1", "backup-unfinished-in-copy");
      backup.update("abort", String.class, "recorded");
      ended(backup);
      write(simulation, "backup/b1", "backup-aborted");
    }
    record("undone", Faults.first("settle", Faults.Kind.PERMANENT));
  }

  private static void record(String name, Faults faults) throws IOException {
    try (Simulation simulation = new Simulation(new World(1, 2), faults)) {
      simulation.backup("b1");
      write(simulation, "backup/b1", "backup-" + name);
      ended(simulation.startRestore("b1", Optional.of("shop")));
      write(simulation, "restore/r1", "restore-" + name);
    }
  }

  private static void ended(WorkflowStub operation) {
    try {
      operation.getResult(Object.class);
    } catch (WorkflowException e) {
      // A failed operation's history is worth as much.
    }
  }

  private static void write(Simulation simulation, String workflowId, String name)
      throws IOException {
    Files.writeString(
        HISTORIES.resolve(RECORDED_AS + "-" + name + ".json"),
        simulation.environment.getWorkflowClient().fetchHistory(workflowId).toJson(true) + "\n");
  }
}
