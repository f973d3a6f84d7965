package io.stillpoint.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.recover.Finding.Kind;
import io.stillpoint.recover.Finding.Outcome;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.restore.RestoreResult;
import io.stillpoint.sim.Faults;
import io.stillpoint.sim.Invariants;
import io.stillpoint.sim.Simulation;
import io.stillpoint.sim.World;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workflows are terminated, which lets them clean up nothing; then the cluster is mended. */
class RecoverClusterWorkflowTest {

  private final World world = new World(1, 2);
  private final BalancerSettings before = world.balancer;
  private Simulation simulation;

  @AfterEach
  void close() {
    simulation.close();
  }

  @Test
  void shouldFindNothingOnACleanCluster() {
    simulation = new Simulation(world, Faults.none());
    simulation.backup("b1");

    assertThat(simulation.recover().findings()).isEmpty();
    assertThat(world.snapshots).hasSize(2);
    Invariants.check(simulation, before);
  }

  @Test
  void shouldTellOfACompleteBackupWhoseSnapshotIsGone() {
    simulation = new Simulation(world, Faults.none());
    simulation.backup("b1");
    simulation.backup("b2");
    World.Cut gone =
        world.snapshots.stream().filter(c -> c.backup().equals("b1")).findFirst().orElseThrow();
    world.snapshots.remove(gone);

    RecoverClusterResult result = simulation.recover(true);

    assertThat(result.findings())
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.where()).isEqualTo("b1");
              assertThat(f.outcome()).isEqualTo(Outcome.LEFT);
              assertThat(f.found())
                  .contains("its snapshot of " + gone.member() + " is not there any more");
            });
    assertThat(simulation.recover().findings()).hasSize(1);
    assertThat(world.snapshots).hasSize(3);
  }

  /** The activity that the terminated backup is caught in never ends by itself. */
  @ParameterizedTest
  @ValueSource(strings = {"stopBalancer", "fixPoint", "extend", "cut", "prove", "awaitReady"})
  void shouldMendATerminatedBackup(String caughtIn) {
    simulation = new Simulation(world, Faults.forEver(caughtIn, "b2"));
    terminateWhen(simulation.startBackup("b1", SnapshotType.DIRECTORY), caughtIn);

    RecoverClusterResult result = simulation.recover();

    assertThat(result.failed()).as(result.toString()).isFalse();
    assertThat(result.findings()).extracting(Finding::kind).contains(Kind.BACKUP);
    assertThat(simulation.manifest("b1").orElseThrow().status()).isEqualTo(OperationStatus.FAILED);
    assertThat(world.snapshots).isEmpty();
    Invariants.check(simulation, before);
    assertThat(simulation.recover().findings()).isEmpty();
  }

  @Test
  void shouldMendBeforeTheNextBackup() {
    simulation = new Simulation(world, Faults.firstCalls("cut", 2, Faults.Kind.TRANSIENT_AFTER));
    terminateWhen(simulation.startBackup("b1", SnapshotType.DIRECTORY), "cut");
    assertThat(world.balancer).isEqualTo(before);

    assertThat(simulation.backup("b2").summary()).isPresent();

    assertThat(simulation.manifest("b1").orElseThrow().status()).isEqualTo(OperationStatus.FAILED);
    Invariants.check(simulation, before);
  }

  /** The second backup would save the stopped balancer as the state to give back. */
  @Test
  void shouldGiveTheNextBackupABalancerThatRuns() {
    simulation = new Simulation(world, Faults.forEver("awaitQuiet", "never"));
    terminateWhen(simulation.startBackup("b1", SnapshotType.DIRECTORY), "awaitQuiet");
    assertThat(world.balancer).isNotEqualTo(before);

    RecoverClusterResult result = simulation.recover();

    assertThat(result.findings())
        .filteredOn(f -> f.kind() == Kind.BALANCER)
        .extracting(Finding::outcome)
        .containsExactly(Outcome.MENDED);
    Invariants.check(simulation, before);
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
        "compareEndPoint"
      })
  void shouldPutTheOldDataBackAfterATerminatedRestore(String caughtIn) {
    simulation = new Simulation(world, Faults.forEver(caughtIn, "never"));
    simulation.backup("b1");
    simulation.gate.forget();
    terminateWhen(simulation.startRestore("b1", Optional.of("shop")), caughtIn);
    simulation.gate.heal();

    assertThatThrownBy(() -> simulation.backup("b2"))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.RECOVERY_NEEDED))
        .satisfies(
            e -> assertThat(Failures.messageOf(e)).contains("stillpoint recover --cluster shop"));
    RecoverClusterResult result = simulation.recover();

    assertThat(result.failed()).as(result.toString()).isFalse();
    assertThat(result.findings()).extracting(Finding::kind).contains(Kind.RESTORE);
    assertThat(world.hosts.values())
        .allSatisfy(h -> assertThat(h.describe()).isEqualTo("running on live"));
    Invariants.check(simulation, before);
    assertThat(simulation.backup("b3").summary()).isPresent();
  }

  /** It was shutting down when it was looked at, by whomever it was told. */
  @Test
  void shouldStartAMemberAgainThatEndsWhileItsSetIsWaitedFor() {
    terminateRestoreIn("swap");
    world.endsAfterStart.add("s0-1:27017");

    RecoverClusterResult result = simulation.recover();

    assertThat(result.failed()).as(result.toString()).isFalse();
    assertThat(world.hosts.values())
        .allSatisfy(h -> assertThat(h.describe()).isEqualTo("running on live"));
    Invariants.check(simulation, before);
  }

  @Test
  void shouldSaySoonWhichMemberCannotBeStarted() {
    terminateRestoreIn("swap");
    world.endsAfterStart.add("s0-1:27017");
    simulation.gate.strike(
        (activity, key, call) ->
            activity.equals("start")
                    && key.equals("s0-1:27017")
                    && world.hosts.values().stream().noneMatch(World.Host::keepsOldData)
                    && world.endsAfterStart.isEmpty()
                ? Faults.Kind.PERMANENT
                : Faults.Kind.NONE);

    RecoverClusterResult result = simulation.recover();

    assertThat(result.findings())
        .filteredOn(f -> f.kind() == Kind.RESTORE)
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.outcome()).isEqualTo(Outcome.FAILED);
              assertThat(f.done())
                  .contains("the old data of s0-1:27017 could not", "start s0-1:27017 again");
            });
    simulation.gate.heal();
    assertThat(simulation.recover().failed()).isFalse();
    Invariants.check(simulation, before);
  }

  private void terminateRestoreIn(String activity) {
    simulation = new Simulation(world, Faults.forEver(activity, "never"));
    simulation.backup("b1");
    simulation.gate.forget();
    terminateWhen(simulation.startRestore("b1", Optional.of("shop")), activity);
    simulation.gate.heal();
  }

  @Test
  void shouldNotUndoARestoreThatWasVerified() {
    simulation =
        new Simulation(
            world,
            (activity, key, call) ->
                activity.equals("release") ? Faults.Kind.TRANSIENT_BEFORE : Faults.Kind.NONE);
    simulation.backup("b1");
    simulation.gate.forget();
    terminateWhen(simulation.startRestore("b1", Optional.of("shop")), "release");
    simulation.gate.heal();

    RecoverClusterResult result = simulation.recover();

    assertThat(mended(result))
        .extracting(Finding::kind, Finding::outcome)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(Kind.OLD_DATA, Outcome.LEFT));
    assertThat(world.hosts.values())
        .allSatisfy(h -> assertThat(h.describe()).isEqualTo("running on b1, recovered"));
  }

  @Test
  void shouldReleaseAtOnceWhatARestoreKeepsForDays() {
    simulation = Simulation.inRealTime(world);
    simulation.backup("b1");
    simulation
        .startRestore(
            new RestoreRequest(
                "b1",
                Optional.empty(),
                Optional.of("r1"),
                Optional.of("shop"),
                false,
                Optional.empty(),
                Optional.of(Duration.ofDays(2)),
                Map.of()))
        .getResult(RestoreResult.class);
    assertThat(world.hosts.values()).allMatch(World.Host::keepsOldData);

    RecoverClusterResult looked = simulation.recover();
    RecoverClusterResult released = simulation.recoverAndRelease();

    assertThat(mended(looked)).extracting(Finding::outcome).containsExactly(Outcome.LEFT);
    assertThat(mended(released)).extracting(Finding::outcome).containsExactly(Outcome.MENDED);
    assertThat(world.hosts.values()).noneMatch(World.Host::keepsOldData);
  }

  @Test
  void shouldChangeNothingInADryRun() {
    simulation = new Simulation(world, Faults.forEver("awaitQuiet", "never"));
    terminateWhen(simulation.startBackup("b1", SnapshotType.DIRECTORY), "awaitQuiet");
    BalancerSettings stopped = world.balancer;

    RecoverClusterResult result = simulation.recover(true);

    assertThat(mended(result))
        .isNotEmpty()
        .allSatisfy(f -> assertThat(f.outcome()).isEqualTo(Outcome.WOULD_MEND));
    assertThat(world.balancer).isEqualTo(stopped);
    assertThat(simulation.manifest("b1").orElseThrow().status()).isEqualTo(OperationStatus.RUNNING);
    assertThat(simulation.recover().failed()).isFalse();
    Invariants.check(simulation, before);
  }

  @Test
  void shouldRefuseWhileAnOperationRuns() {
    simulation = new Simulation(world, Faults.none());
    WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
    await().until(() -> simulation.describe(backup).phase() == BackupPhase.COPYING);

    assertThatThrownBy(() -> simulation.recover())
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CLUSTER_BUSY))
        .satisfies(e -> assertThat(Failures.messageOf(e)).contains("busy with backup/b1"));

    backup.update("abort", String.class, "over");
    assertThatThrownBy(() -> backup.getResult(Object.class)).isNotNull();
    Invariants.check(simulation, before);
  }

  /** Without the lock: the test server does not end it with its parent, as a real one does. */
  private static List<Finding> mended(RecoverClusterResult result) {
    return result.findings().stream().filter(f -> f.kind() != Kind.LOCK).toList();
  }

  private void terminateWhen(WorkflowStub operation, String activity) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> simulation.gate.log().stream().anyMatch(l -> l.startsWith(activity + "@")));
    operation.terminate("by a person");
  }
}
