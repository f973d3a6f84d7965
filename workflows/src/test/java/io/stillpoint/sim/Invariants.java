package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.OperationStatus;

/** What must be true when every operation has ended, whatever went wrong on the way. */
public final class Invariants {

  private Invariants() {}

  public static void check(Simulation simulation, BalancerSettings balancerBefore) {
    World world = simulation.world;
    synchronized (world) {
      assertThat(world.cursors.values())
          .as("no cursor outlives its operation")
          .noneMatch(c -> c.open);
      assertThat(world.balancer).as("the balancer is as before").isEqualTo(balancerBefore);
      for (World.Cut cut : world.snapshots) {
        OperationStatus status = simulation.manifest(cut.backup()).orElseThrow().status();
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
