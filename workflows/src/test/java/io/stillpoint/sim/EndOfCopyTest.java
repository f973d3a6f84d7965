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
import org.junit.jupiter.params.provider.ValueSource;

/** Workers and members that die, or are taken for dead, when copies end and cursors are closed. */
class EndOfCopyTest {

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

  /** The copy failed because its member went down, and took the cursor along. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldStartAgainWhenACopyFailedAndItsCursorIsLost(long order) {
    Faults memberGoesDown =
        (activity, key, call) -> {
          if (activity.equals("cut") && key.equals("s0-0:27017") && call == 0) {
            world.loseCursor("s0-0:27017");
            return Faults.Kind.PERMANENT;
          }
          return Faults.Kind.NONE;
        };
    try (VirtualOperations operations = operations(memberGoesDown, Timing.seeded(order))) {
      assertThat(operations.backup("b1")).isTrue();
      operations.drain();

      assertThat(world.snapshots).extracting(World.Cut::attempt).containsOnly(2);
      Invariants.check(world, operations::manifest, before);
    }
  }

  private VirtualOperations operations(Faults faults) {
    return operations(faults, Timing.even());
  }

  private VirtualOperations operations(Faults faults, Timing timing) {
    return new VirtualOperations(world, faults, timing, Payloads.converter(), threads);
  }
}
