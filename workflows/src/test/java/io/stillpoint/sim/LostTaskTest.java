package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.BalancerSettings;
import io.stillpoint.policy.Payloads;
import io.stillpoint.sim.virtual.Timing;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The worker dies, or is taken for dead, in the task of the workflow that closes the cursors. */
class LostTaskTest {

  private final World world = new World(1, 1);
  private final BalancerSettings before = world.balancer;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @ParameterizedTest
  @CsvSource({
    "prove, DIES_BEFORE",
    "prove, DIES_AFTER",
    "prove, LATE",
    "prove, TRANSIENT_AFTER",
    "close, DIES_BEFORE",
    "close, DIES_AFTER",
    "close, LATE",
    "close, TRANSIENT_AFTER"
  })
  void shouldNotMakeAGoodCopyAgain(String activity, Faults.Kind kind) {
    try (VirtualOperations operations = operations(Faults.first(activity, kind))) {
      assertThat(operations.backup("b1")).isTrue();
      operations.drain();

      assertThat(world.snapshots).extracting(World.Cut::attempt).containsOnly(1);
      Invariants.check(world, operations::manifest, before);
    }
  }

  /**
   * The mistake that the proof is for: a cursor is lost before it, and the copy is good for
   * nothing.
   */
  @Test
  void shouldMakeACopyAgainWhoseCursorWasLostBeforeItsProof() {
    Faults losing =
        (activity, key, call) -> {
          if (activity.equals("prove") && call == 0) {
            world.loseCursor("s0-0:27017");
          }
          return Faults.Kind.NONE;
        };
    try (VirtualOperations operations = operations(losing)) {
      assertThat(operations.backup("b1")).isTrue();
      operations.drain();

      assertThat(world.snapshots).extracting(World.Cut::attempt).containsOnly(2);
      Invariants.check(world, operations::manifest, before);
    }
  }

  private VirtualOperations operations(Faults faults) {
    return new VirtualOperations(world, faults, Timing.even(), Payloads.converter(), threads);
  }
}
