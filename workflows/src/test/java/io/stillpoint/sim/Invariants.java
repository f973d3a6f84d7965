package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import java.util.Optional;
import java.util.function.Function;

/** What must be true when every operation has ended, whatever went wrong on the way. */
public final class Invariants {

  private Invariants() {}

  public static void check(Simulation simulation, BalancerSettings balancerBefore) {
    check(simulation.world, simulation::manifest, balancerBefore);
  }

  /** What an operation that nobody ended by force leaves, without anybody's recovery. */
  static void checkCleanedUp(World world, BalancerSettings balancerBefore) {
    assertThat(world.cursors.values()).as("it closed its cursors").noneMatch(c -> c.open);
    assertThat(world.balancer).as("it gave the balancer back").isEqualTo(balancerBefore);
    assertThat(world.marks).as("it left no mark").isEmpty();
    world.hosts.forEach(
        (member, host) -> {
          assertThat(host.running).as("it left %s running", member).isTrue();
          assertThat(host.stage).as("it left no stage on %s", member).isEmpty();
        });
  }

  static void check(
      World world,
      Function<String, Optional<Manifest>> manifests,
      BalancerSettings balancerBefore) {
    synchronized (world) {
      assertThat(world.cursors.values())
          .as("no cursor outlives its operation")
          .noneMatch(c -> c.open);
      assertThat(world.balancer).as("the balancer is as before").isEqualTo(balancerBefore);
      for (World.Cut cut : world.snapshots) {
        OperationStatus status = manifests.apply(cut.backup()).orElseThrow().status();
        assertThat(status)
            .as("a snapshot exists only for a completed backup: %s", cut)
            .isEqualTo(OperationStatus.COMPLETED);
        assertThat(cut.cursorOpen() && cut.extended())
            .as("it was cut while its cursor was open, after extend: %s", cut)
            .isTrue();
      }
      world.hosts.forEach(
          (member, host) -> {
            assertThat(host.running).as("%s runs again", member).isTrue();
            assertThat(host.stage).as("%s has no staged data left", member).isEmpty();
            assertThat(host.old).as("%s has no old data left", member).isEmpty();
          });
      assertThat(world.hosts.values().stream().map(h -> h.data).distinct())
          .as("all members run on the same kind of data")
          .hasSize(1);
    }
  }
}
