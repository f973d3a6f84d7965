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
import io.temporal.api.common.v1.Payload;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.common.converter.RawValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SnapshotRestoreWorkflowTest {

  private final World world = new World(2, 3);
  private final BalancerSettings before = world.balancer;

  @Test
  void shouldReplaceTheDataOfEveryMember() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      RestoreResult result = simulation.restore("b1");

      assertThat(result.consistentPoint()).isPresent();
      assertThat(world.hosts.values())
          .allSatisfy(h -> assertThat(h.describe()).isEqualTo("running on b1, recovered"));
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldStopShardsBeforeConfigServers() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");
      simulation.restore("b1");

      var stops = simulation.gate.log().stream().filter(l -> l.startsWith("stop@")).toList();
      assertThat(stops).hasSize(9);
      assertThat(stops.subList(0, 6)).noneMatch(l -> l.contains("cfg"));
      assertThat(stops.subList(6, 9)).allMatch(l -> l.contains("cfg"));
    }
  }

  @Test
  void shouldTakeCopiesMemberByMemberAndNoteWrongSignals() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");
      WorkflowStub restore =
          simulation.startRestore(
              new RestoreRequest(
                  "b1",
                  Optional.empty(),
                  Optional.of("r1"),
                  Optional.of("shop"),
                  false,
                  Optional.of(true),
                  Optional.empty(),
                  Map.of()));
      restore.signal("copyFinished", Map.of("member", "s0-1:27017"));
      awaitPhase(restore, RestorePhase.AWAITING_COPY);
      RestoreDescription waiting = restore.query("describe", RestoreDescription.class);

      restore.signal("copyFinished", Map.of("member", "nope:1"));
      restore.signal("copyFinished", Map.of("membr", "s0-1:27017"));
      restore.signal("copyFinished", 7);
      restore.signal("copyFinished", new RawValue(Payload.getDefaultInstance()));
      String one = waiting.members().get(0).member();
      restore.signal("copyFinished", Map.of("member", one));
      restore.signal("copyFinished", Map.of("member", one));

      RestoreDescription noted =
          Awaitility.await()
              .until(
                  () -> restore.query("describe", RestoreDescription.class),
                  d -> d.notes().size() >= 6);
      assertThat(noted.notes())
          .anyMatch(n -> n.contains("does not wait for a copy") || n.contains("had begun"))
          .anyMatch(n -> n.contains("there is no member nope:1"))
          .anyMatch(n -> n.contains("got {membr="))
          .anyMatch(n -> n.contains("got 7"))
          .anyMatch(n -> n.contains("got data without an encoding"))
          .anyMatch(n -> n.contains("reported finished before"));
      assertThat(noted.members()).filteredOn(m -> m.copyFinished()).hasSize(1);
      restore.signal("copyFinished");
      assertThat(restore.getResult(RestoreResult.class).consistentPoint()).isPresent();
    }
  }

  @Test
  void shouldLetAPersonCompleteACopyInsteadOfThrowingItAway() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");
      world.incompleteCopies.add("s0-1:27017");
      WorkflowStub restore =
          simulation.startRestore(
              new RestoreRequest(
                  "b1",
                  Optional.empty(),
                  Optional.of("r1"),
                  Optional.of("shop"),
                  false,
                  Optional.of(true),
                  Optional.empty(),
                  Map.of()));
      awaitPhase(restore, RestorePhase.AWAITING_COPY);
      restore.signal("copyFinished");

      RestoreDescription refused =
          Awaitility.await()
              .until(
                  () -> restore.query("describe", RestoreDescription.class),
                  d -> d.members().stream().anyMatch(m -> m.problem().isPresent()));
      assertThat(refused.members())
          .filteredOn(m -> m.problem().isPresent())
          .singleElement()
          .satisfies(
              m -> {
                assertThat(m.member()).isEqualTo("s0-1:27017");
                assertThat(m.problem().orElseThrow()).contains("sizeStorer.wt is missing");
                assertThat(m.copyFinished()).isFalse();
              });
      assertThat(simulation.gate.log()).noneMatch(l -> l.startsWith("dropStage"));

      awaitPhase(restore, RestorePhase.AWAITING_COPY);
      world.incompleteCopies.clear();
      restore.signal("copyFinished", Map.of("member", "s0-1:27017"));
      assertThat(restore.getResult(RestoreResult.class).consistentPoint()).isPresent();
    }
  }

  @Test
  void shouldRenameShardsOnTheConfigServerBeforeAnyShardIsStarted() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");
      world.shardIds.putAll(Map.of("s0", "x0", "s1", "x1"));

      RestoreResult result = simulation.restore("b1", Map.of("s0", "x0", "s1", "x1"));

      assertThat(world.renamed).isEqualTo(Map.of("s0", "x0", "s1", "x1"));
      assertThat(result.plan())
          .anyMatch(l -> l.contains("shard id 's0' becomes 'x0'"))
          .anyMatch(l -> l.contains("started three times"));
      List<String> steps = simulation.gate.log();
      int renamed = indexOf(steps, "renameShards@");
      assertThat(indexOf(steps, "start@cfg")).isLessThan(renamed);
      assertThat(renamed).isLessThan(indexOf(steps, "start@s"));
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldPutTheOldDataBackWhenShardsCannotBeRenamed() {
    Faults refused = Faults.first("renameShards", Faults.Kind.PERMANENT);
    try (Simulation simulation = new Simulation(world, refused)) {
      simulation.backup("b1");
      world.shardIds.putAll(Map.of("s0", "x0", "s1", "x1"));

      assertThatThrownBy(() -> simulation.restore("b1", Map.of("s0", "x0", "s1", "x1")))
          .isInstanceOf(WorkflowFailedException.class);

      assertUntouched();
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldRefuseOtherShardIdsThatNobodyAskedFor() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");
      world.shardIds.putAll(Map.of("s0", "x0", "s1", "x1"));

      assertThatThrownBy(() -> simulation.restore("b1"))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.TOPOLOGY_MISMATCH))
          .satisfies(
              e ->
                  assertThat(Failures.messageOf(e))
                      .contains("shard 's0' (set s0) has no counterpart"));
      assertUntouched();
    }
  }

  @Test
  void shouldRefuseAnUnknownBackup() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      assertThatThrownBy(() -> simulation.restore("nope"))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BACKUP_UNKNOWN));
      assertUntouched();
    }
  }

  @Test
  void shouldRefuseTheWrongClusterName() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      assertThatThrownBy(
              () ->
                  simulation
                      .startRestore("b1", Optional.of("shopp"))
                      .getResult(RestoreResult.class))
          .satisfies(
              e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.RESTORE_NOT_CONFIRMED));
      assertUntouched();
    }
  }

  @Test
  void shouldWaitForTheTypedNameAndThenGoOn() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");
      WorkflowStub restore = simulation.startRestore("b1", Optional.empty());
      awaitPhase(restore, RestorePhase.AWAITING_CONFIRMATION);

      assertThat(restore.query("describe", RestoreDescription.class).plan())
          .anyMatch(l -> l.startsWith("s0: replace the data of s0-0:27017, s0-1:27017"));
      assertThatThrownBy(() -> restore.update("confirm", String.class, "other"))
          .isInstanceOf(WorkflowUpdateException.class);
      assertUntouched();
      restore.update("confirm", String.class, "shop");

      restore.getResult(RestoreResult.class);
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldChangeNothingWhenNobodyConfirms() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      assertThatThrownBy(
              () -> simulation.startRestore("b1", Optional.empty()).getResult(RestoreResult.class))
          .satisfies(
              e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.RESTORE_NOT_CONFIRMED));
      assertUntouched();
    }
  }

  /** Who decides by a plan must not learn only afterwards that there is nothing to restore. */
  @Test
  void shouldRefuseAPlanWhoseSnapshotIsGone() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");
      world.snapshots.remove(0);
      for (boolean dryRun : new boolean[] {true, false}) {
        assertThatThrownBy(
                () -> simulation.startRestore(unconfirmed(dryRun)).getResult(RestoreResult.class))
            .satisfies(
                e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.SNAPSHOT_UNREACHABLE));
      }
      assertThat(simulation.gate.log()).noneMatch(l -> l.startsWith("stage"));
      assertUntouched();
    }
  }

  @Test
  void shouldPlanWhatIsThere() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      RestoreResult plan =
          simulation.startRestore(unconfirmed(true)).getResult(RestoreResult.class);

      assertThat(plan.plan()).anyMatch(l -> l.startsWith("s0: replace the data of s0-0:27017"));
      assertThat(simulation.gate.log()).filteredOn(l -> l.startsWith("plan@")).hasSize(9);
      assertUntouched();
    }
  }

  private static RestoreRequest unconfirmed(boolean dryRun) {
    return new RestoreRequest(
        "b1",
        Optional.empty(),
        Optional.of("r1"),
        Optional.empty(),
        dryRun,
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }

  @Test
  void shouldNameTheMemberWhoseAgentIsDeadBeforeAnythingIsStopped() {
    world.withoutAgent("s1-2:27017");
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      assertThatThrownBy(() -> simulation.restore("b1"))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.AGENT_UNREACHABLE))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("s1-2:27017"));
      assertUntouched();
    }
  }

  /** It would live on with the old data, in the set that is restored. */
  @Test
  void shouldStopNobodyWhenAMemberWasAddedWhileItStaged() {
    Faults adding =
        (activity, key, call) -> {
          if (activity.equals("stage")) {
            world.addMember("s1", "new:27017");
          }
          return Faults.Kind.NONE;
        };
    try (Simulation simulation = new Simulation(world, adding)) {
      simulation.backup("b1");

      assertThatThrownBy(() -> simulation.restore("b1"))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.TOPOLOGY_MISMATCH))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("now {", "new:27017"));
      assertThat(simulation.gate.log()).noneMatch(l -> l.startsWith("stop "));
      assertUntouched();
    }
  }

  @Test
  void shouldPutTheOldDataBackWhenAborted() {
    Faults slow = Faults.first("settle", Faults.Kind.PERMANENT);
    try (Simulation simulation = new Simulation(world, slow)) {
      simulation.backup("b1");

      assertThatThrownBy(() -> simulation.restore("b1"))
          .isInstanceOf(WorkflowFailedException.class);

      assertUntouched();
      Invariants.check(simulation, before);
    }
  }

  private void assertUntouched() {
    assertThat(world.hosts.values())
        .allSatisfy(h -> assertThat(h.describe()).isEqualTo("running on live"));
  }

  private static int indexOf(List<String> steps, String beginning) {
    return IntStream.range(0, steps.size())
        .filter(i -> steps.get(i).startsWith(beginning))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitPhase(WorkflowStub stub, RestorePhase phase) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> stub.query("describe", RestoreDescription.class).phase() == phase);
  }
}
