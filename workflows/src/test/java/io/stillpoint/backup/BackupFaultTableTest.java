package io.stillpoint.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.sim.Faults;
import io.stillpoint.sim.Invariants;
import io.stillpoint.sim.Simulation;
import io.stillpoint.sim.World;
import io.temporal.client.WorkflowFailedException;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each activity of a backup fails once in each way; the invariants hold whatever comes of it. */
class BackupFaultTableTest {

  private final World world = new World(1, 2);
  private final BalancerSettings before = world.balancer;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "topology",
        "resolve",
        "begin",
        "saveBalancer",
        "stopBalancer",
        "awaitQuiet",
        "open",
        "fixPoint",
        "extend",
        "restoreBalancer",
        "describe",
        "cut",
        "prove",
        "close",
        "awaitReady",
        "copyElsewhere",
        "complete"
      })
  void shouldRideOutATransientFault(String activity) {
    for (Faults.Kind kind :
        new Faults.Kind[] {Faults.Kind.TRANSIENT_BEFORE, Faults.Kind.TRANSIENT_AFTER}) {
      World fresh = new World(1, 2);
      fresh.copyTo = "elsewhere";
      try (Simulation simulation = new Simulation(fresh, Faults.first(activity, kind))) {
        BackupResult result = simulation.backup("b1");

        assertThat(result.summary().orElseThrow().status()).isEqualTo(OperationStatus.COMPLETED);
        assertThat(fresh.snapshots).as("exactly one snapshot per set").hasSize(2);
        assertThat(result.attempts()).as("a good copy is not made again").isEqualTo(1);
        assertThat(simulation.gate.log()).anyMatch(l -> l.contains(" " + kind));
        Invariants.check(simulation, before);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "topology", "resolve", "begin", "saveBalancer", "stopBalancer", "awaitQuiet", "open",
        "fixPoint", "extend", "describe", "cut", "prove", "awaitReady", "complete"
      })
  void shouldLeaveNothingAfterAPermanentFault(String activity) {
    try (Simulation simulation = new Simulation(world, inTheFirstBackup(activity))) {
      assertThatThrownBy(() -> simulation.backup("b1"))
          .isInstanceOf(WorkflowFailedException.class)
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("fault in " + activity));

      assertThat(world.snapshots).isEmpty();
      simulation
          .manifest("b1")
          .ifPresent(m -> assertThat(m.status()).isEqualTo(OperationStatus.FAILED));
      Invariants.check(simulation, before);
      // The cluster is free again.
      assertThat(simulation.backup("b2").summary()).isPresent();
    }
  }

  private Faults inTheFirstBackup(String activity) {
    return (a, key, call) -> {
      if (!a.equals(activity) || call > 0 || key.equals("b2")) {
        return Faults.Kind.NONE;
      }
      return a.equals("cut") ? afterTheOtherCopy(key) : Faults.Kind.PERMANENT;
    };
  }

  /** The in-memory server gets stuck when a copy is cancelled that ends at that moment. */
  private Faults.Kind afterTheOtherCopy(String member) {
    if (!member.startsWith("s0-")) {
      return Faults.Kind.NONE;
    }
    Awaitility.await().until(() -> world.snapshots.size() == 1);
    return Faults.Kind.PERMANENT;
  }
}
