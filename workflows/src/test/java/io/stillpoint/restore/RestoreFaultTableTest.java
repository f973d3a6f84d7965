package io.stillpoint.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.sim.Faults;
import io.stillpoint.sim.Invariants;
import io.stillpoint.sim.Simulation;
import io.stillpoint.sim.World;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each activity of a restore fails once in each way: the data is restored, or the old is back. */
class RestoreFaultTableTest {

  private final World world = new World(1, 2);
  private final BalancerSettings before = world.balancer;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "readManifest",
        "inspect",
        "stage",
        "stop",
        "swap",
        "recover",
        "start",
        "stepUp",
        "settle",
        "proveStart",
        "compareEndPoint",
        "giveBalancer",
        "release"
      })
  void shouldRideOutATransientFault(String activity) {
    for (Faults.Kind kind :
        new Faults.Kind[] {Faults.Kind.TRANSIENT_BEFORE, Faults.Kind.TRANSIENT_AFTER}) {
      World fresh = new World(1, 2);
      try (Simulation simulation = new Simulation(fresh, Faults.first(activity, kind))) {
        simulation.backup("b1");
        simulation.restore("b1");

        assertThat(fresh.hosts.values())
            .allSatisfy(h -> assertThat(h.describe()).isEqualTo("running on b1, recovered"));
        assertThat(simulation.gate.log()).anyMatch(l -> l.contains(" " + kind));
        Invariants.check(simulation, before);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stage",
        "stop",
        "swap",
        "recover",
        "start",
        "stepUp",
        "settle",
        "proveStart",
        "compareEndPoint",
        "giveBalancer"
      })
  void shouldPutTheOldDataBackAfterAPermanentFault(String activity) {
    try (Simulation simulation = new Simulation(world, goingForward(activity))) {
      simulation.backup("b1");

      assertThatThrownBy(() -> simulation.restore("b1"))
          .satisfies(
              e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CONFIGURATION_INVALID));

      assertUntouched();
      Invariants.check(simulation, before);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Faults.Kind.class,
      names = {"TRANSIENT_BEFORE", "TRANSIENT_AFTER"})
  void shouldRideOutATransientFaultWhileShardsAreRenamed(Faults.Kind kind) {
    for (String activity : new String[] {"recover", "renameShards", "start", "stepUp"}) {
      World fresh = new World(1, 2);
      try (Simulation simulation = new Simulation(fresh, Faults.first(activity, kind))) {
        simulation.backup("b1");
        fresh.shardIds.put("s0", "x0");
        simulation.restore("b1", Map.of("s0", "x0"));

        assertThat(fresh.renamed).isEqualTo(Map.of("s0", "x0"));
        assertThat(fresh.hosts.values())
            .allSatisfy(h -> assertThat(h.describe()).isEqualTo("running on b1, recovered"));
        assertThat(simulation.gate.log()).anyMatch(l -> l.contains(" " + kind));
        Invariants.check(simulation, before);
      }
    }
  }

  private void assertUntouched() {
    assertThat(world.hosts.values())
        .allSatisfy(h -> assertThat(h.describe()).isEqualTo("running on live"));
  }

  /**
   * A config server is stopped for the first time by the undo when a shard could not be stopped.
   */
  private static Faults goingForward(String activity) {
    return (a, key, call) ->
        a.equals(activity) && call == 0 && !(a.equals("stop") && key.startsWith("cfg"))
            ? Faults.Kind.PERMANENT
            : Faults.Kind.NONE;
  }
}
