package io.stillpoint.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.Failures;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.sim.Faults;
import io.stillpoint.sim.Invariants;
import io.stillpoint.sim.Simulation;
import io.stillpoint.sim.World;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class BackupNoticesTest {

  private final World world = new World(0, 1);

  @Test
  void shouldTellEveryStepOfAManualBackup() {
    world.webhooks = List.of("ops");
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> heard().contains("ops ready-to-copy"));
      backup.signal("copyFinished", (Object) null);
      backup.getResult(BackupResult.class);

      assertThat(heard()).containsExactly("ops started", "ops ready-to-copy", "ops completed");
    }
  }

  @Test
  void shouldTellAFailure() {
    world.webhooks = List.of("ops");
    Faults faults =
        (activity, key, call) -> activity.equals("cut") ? Faults.Kind.PERMANENT : Faults.Kind.NONE;
    try (Simulation simulation = new Simulation(world, faults)) {
      assertThatThrownBy(() -> simulation.backup("b1"))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("fault in cut"));

      assertThat(heard()).containsExactly("ops started", "ops ready-to-copy", "ops failed");
      Invariants.check(simulation, world.balancer);
    }
  }

  @Test
  void shouldCompleteWhateverAWebhookAnswers() {
    world.webhooks = List.of("broken", "ops");
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      BackupResult result = simulation.backup("b1");

      assertThat(result.summary().orElseThrow().status()).isEqualTo(OperationStatus.COMPLETED);
      assertThat(heard()).contains("broken started", "ops completed");
      BackupDescription described =
          simulation
              .environment
              .getWorkflowClient()
              .newUntypedWorkflowStub(WorkflowIds.backup("b1"))
              .query("describe", BackupDescription.class);
      assertThat(described.notes()).contains("webhook broken did not take 'started': no");
    }
  }

  private List<String> heard() {
    synchronized (world) {
      return List.copyOf(world.notices);
    }
  }
}
