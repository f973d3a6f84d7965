package io.stillpoint.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.sim.Faults;
import io.stillpoint.sim.Simulation;
import io.stillpoint.sim.World;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruneWorkflowTest {

  private static final Optional<RetentionPolicy> LAST_TWO =
      Optional.of(new RetentionPolicy(2, 0, 0, 0, 0, Optional.empty()));

  private final World world = new World(0, 1);
  private final CountDownLatch deleting = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  private Simulation withBackups(Faults faults) {
    Simulation simulation = new Simulation(world, faults);
    List.of("b1", "b2", "b3", "b4").forEach(simulation::backup);
    return simulation;
  }

  @Test
  void shouldDeleteSnapshotsAndManifestsOfWhatIsNotKept() {
    try (Simulation simulation = withBackups(Faults.none())) {
      PruneResult result = simulation.prune(LAST_TWO, false);

      assertThat(result.deleted()).containsExactly("b1", "b2");
      assertThat(result.kept()).isEqualTo(2);
      assertThat(result.bytes()).isEqualTo(600);
      assertThat(result.failures()).isEmpty();
      assertThat(world.snapshots).extracting(World.Cut::backup).containsExactly("b3", "b4");
      assertThat(simulation.manifest("b1")).isEmpty();
      assertThat(simulation.manifest("b3")).isPresent();
      assertThat(simulation.prune(LAST_TWO, false).deleted()).as("again").isEmpty();
    }
  }

  @Test
  void shouldOnlyTellInADryRun() {
    try (Simulation simulation = withBackups(Faults.none())) {
      PruneResult result = simulation.prune(LAST_TWO, true);

      assertThat(result.deleted()).containsExactly("b1", "b2");
      assertThat(world.snapshots).hasSize(4);
      assertThat(simulation.manifest("b1").orElseThrow().status())
          .isEqualTo(OperationStatus.COMPLETED);
      WorkflowStub stub =
          simulation
              .environment
              .getWorkflowClient()
              .newUntypedWorkflowStub(WorkflowIds.prune("shop"));
      assertThat(stub.query("decisions", RetentionDecision[].class)).hasSize(4);
    }
  }

  @Test
  void shouldKeepWhatARestoreUsesAndGoOnWithTheOthers() {
    try (Simulation simulation = withBackups(Faults.none())) {
      simulation.use("b1");

      PruneResult result = simulation.prune(LAST_TWO, false);

      assertThat(result.deleted()).containsExactly("b2");
      assertThat(simulation.manifest("b1").orElseThrow().status())
          .isEqualTo(OperationStatus.COMPLETED);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TRANSIENT_BEFORE", "TRANSIENT_AFTER"})
  void shouldRideOutTransientFaults(Faults.Kind kind) {
    Faults faults =
        (activity, key, call) ->
            call == 0
                    && List.of("entries", "beginDelete", "discard", "deleteManifest")
                        .contains(activity)
                ? kind
                : Faults.Kind.NONE;
    try (Simulation simulation = withBackups(faults)) {
      PruneResult result = simulation.prune(LAST_TWO, false);

      assertThat(result.deleted()).containsExactly("b1", "b2");
      assertThat(world.snapshots).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"beginDelete", "discard", "deleteManifest"})
  void shouldFinishLaterWhatFailedInTheMiddle(String activity) {
    Faults faults =
        (a, key, call) ->
            a.equals(activity) && key.equals("b1") && call == 0
                ? Faults.Kind.PERMANENT
                : Faults.Kind.NONE;
    try (Simulation simulation = withBackups(faults)) {
      PruneResult first = simulation.prune(LAST_TWO, false);

      assertThat(first.deleted()).containsExactly("b2");
      assertThat(first.failures()).singleElement().asString().startsWith("b1: CONFIGURATION_");
      assertThat(simulation.manifest("b1"))
          .as("still findable, and no longer called good once its deletion began")
          .get()
          .extracting(m -> m.status())
          .isEqualTo(
              activity.equals("beginDelete")
                  ? OperationStatus.COMPLETED
                  : OperationStatus.DELETING);

      assertThat(simulation.prune(LAST_TWO, false).deleted()).containsExactly("b1");
      assertThat(world.snapshots).extracting(World.Cut::backup).containsExactly("b3", "b4");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "TRANSIENT_BEFORE", "TRANSIENT_AFTER"})
  void shouldApplyTheRetentionOfABackupAfterIt(Faults.Kind kind) {
    try (Simulation simulation = withBackups(Faults.first("beginRetention", kind))) {
      BackupRequest plain = Simulation.backupRequest("b5", SnapshotType.DIRECTORY);
      run(
          simulation,
          Map.of("cluster", plain.cluster(), "backup", "b5", "retention", Map.of("keepLast", 2)));
      PruneResult result =
          simulation
              .environment
              .getWorkflowClient()
              .newUntypedWorkflowStub(WorkflowIds.prune("shop"))
              .getResult(PruneResult.class);

      assertThat(result.deleted()).containsExactly("b1", "b2", "b3");
      assertThat(simulation.manifest("b5")).isPresent();
    }
  }

  @Test
  void shouldNoteThatRetentionIsBeingAppliedAlready() {
    try (Simulation simulation = withBackups(this::slowToDelete)) {
      CompletableFuture<PruneResult> prune =
          CompletableFuture.supplyAsync(() -> simulation.prune(LAST_TWO, false));
      await(deleting);

      run(
          simulation,
          Map.of("cluster", "shop", "backup", "b5", "retention", Map.of("keepLast", 2)));
      goOn.countDown();

      assertThat(prune.join().deleted()).containsExactly("b1", "b2", "b3");

      assertThat(describe(simulation).notes())
          .contains("retention is being applied already; it looks again at its end");
    }
  }

  @Test
  void shouldHoldNoBackupUpAndLetNobodyElseDeleteMeanwhile() {
    try (Simulation simulation = withBackups(this::slowToDelete)) {
      CompletableFuture<PruneResult> prune =
          CompletableFuture.supplyAsync(() -> simulation.prune(LAST_TWO, false));
      await(deleting);

      simulation.backup("b5");
      assertThatThrownBy(() -> delete(simulation, "b4"))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CLUSTER_BUSY))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("prune/shop"));
      goOn.countDown();

      assertThat(prune.join().deleted())
          .as("it looks again, since b5 has ended")
          .containsExactly("b1", "b2", "b3");
      assertThat(delete(simulation, "b4")).isEqualTo("backup 'b4' and its snapshots are deleted");
    }
  }

  private Faults.Kind slowToDelete(String activity, String key, int call) {
    if (activity.equals("discard") && call == 0) {
      deleting.countDown();
      await(goOn);
    }
    return Faults.Kind.NONE;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String delete(Simulation simulation, String backup) {
    WorkflowStub stub =
        simulation
            .environment
            .getWorkflowClient()
            .newUntypedWorkflowStub(
                "DeleteBackupWorkflow",
                WorkflowOptions.newBuilder()
                    .setTaskQueue(TaskQueues.CONTROL)
                    .setWorkflowId("delete/" + backup)
                    .build());
    stub.start(backup);
    return stub.getResult(String.class);
  }

  @Test
  void shouldNameAnUnknownRule() {
    try (Simulation simulation = withBackups(Faults.none())) {
      assertThatThrownBy(
              () ->
                  run(
                      simulation,
                      Map.of("cluster", "shop", "backup", "b5", "retention", Map.of("keep", 2))))
          .isInstanceOf(WorkflowFailedException.class)
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("retention.keep"));
    }
  }

  @Test
  void shouldRefuseToPruneWithoutAnyRule() {
    try (Simulation simulation = withBackups(Faults.none())) {
      assertThatThrownBy(() -> simulation.prune(Optional.empty(), false))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BAD_INPUT))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("--keep-last"));
      assertThat(world.snapshots).hasSize(4);
    }
  }

  private static BackupDescription describe(Simulation simulation) {
    return simulation.describe(
        simulation
            .environment
            .getWorkflowClient()
            .newUntypedWorkflowStub(WorkflowIds.backup("b5")));
  }

  private static void run(Simulation simulation, Object input) {
    WorkflowStub stub =
        simulation
            .environment
            .getWorkflowClient()
            .newUntypedWorkflowStub(
                "SnapshotBackupWorkflow",
                WorkflowOptions.newBuilder()
                    .setTaskQueue(TaskQueues.CONTROL)
                    .setWorkflowId(WorkflowIds.backup("b5"))
                    .build());
    stub.start(input);
    stub.getResult(Object.class);
  }
}
