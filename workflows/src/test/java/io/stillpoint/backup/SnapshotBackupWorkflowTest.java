package io.stillpoint.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotCopy;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sim.Faults;
import io.stillpoint.sim.Invariants;
import io.stillpoint.sim.Simulation;
import io.stillpoint.sim.World;
import io.temporal.api.common.v1.Payload;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.common.converter.RawValue;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotBackupWorkflowTest {

  private final World world = new World(2, 3);
  private final BalancerSettings before = world.balancer;

  @Test
  void shouldBackUpAShardedCluster() {
    world.readyWhenCut = true;
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      BackupResult result = simulation.backup("b1");

      assertThat(result.summary().orElseThrow().status()).isEqualTo(OperationStatus.COMPLETED);
      assertThat(world.snapshots).hasSize(3);
      assertThat(result.attempts()).isEqualTo(1);
      Invariants.check(simulation, before);
      assertThat(simulation.historyLength("backup/b1")).isLessThanOrEqualTo(60 * 3);
    }
  }

  @Test
  void shouldRecordTheCopiesElsewhere() {
    world.copyTo = "elsewhere";
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      assertThat(simulation.manifest("b1").orElseThrow().sets())
          .flatExtracting(ManifestSet::snapshots)
          .hasSize(3)
          .allMatch(
              s -> s.copies().equals(List.of(new SnapshotCopy("elsewhere", "copy-of-" + s.id()))));
    }
  }

  /** The snapshots themselves are good; another region's trouble must not cost them. */
  @Test
  void shouldCompleteAndSaySoWhenASnapshotCannotBeCopiedElsewhere() {
    world.copyTo = "elsewhere";
    Faults elsewhereIsDown =
        (activity, key, call) ->
            activity.equals("copyElsewhere") && key.equals("s0-1:27017")
                ? Faults.Kind.PERMANENT
                : Faults.Kind.NONE;
    try (Simulation simulation = new Simulation(world, elsewhereIsDown)) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.DIRECTORY);
      BackupResult result = backup.getResult(BackupResult.class);

      assertThat(result.summary().orElseThrow().status()).isEqualTo(OperationStatus.COMPLETED);
      assertThat(backup.query("describe", BackupDescription.class).notes())
          .anyMatch(n -> n.startsWith("s0: its snapshots were not copied to elsewhere"));
      assertThat(simulation.manifest("b1").orElseThrow().sets())
          .flatExtracting(ManifestSet::snapshots)
          .filteredOn(s -> s.copies().isEmpty())
          .extracting(SnapshotRef::member)
          .containsExactly("s0-1:27017");
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldCopyASecondaryOfEachSet() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      assertThat(world.snapshots)
          .extracting(World.Cut::member)
          .containsExactlyInAnyOrder("cfg-1:27017", "s0-1:27017", "s1-1:27017");
    }
  }

  /** A cut before extend, or after a cursor was closed, is no backup; so is one with two points. */
  @Test
  void shouldCutOnlyBetweenTheLastExtendAndTheProofOfTheCursors() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      List<String> steps =
          simulation.gate.log().stream()
              .map(l -> l.replaceFirst("[@ ].*", ""))
              .filter(List.of("open", "fixPoint", "extend", "cut", "prove", "close")::contains)
              .toList();
      assertThat(steps)
          .containsExactly(
              "open",
              "open",
              "open",
              "fixPoint",
              "extend",
              "extend",
              "extend",
              "cut",
              "cut",
              "cut",
              "prove",
              "close");
    }
  }

  @Test
  void shouldTakeThePointAnewWhenSomethingBeganToMove() {
    world.inFlightAtPoint = 2;
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");

      assertThat(world.quietCalls).isEqualTo(3);
      assertThat(simulation.gate.log().stream().filter(l -> l.startsWith("fixPoint"))).hasSize(3);
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldGiveTheBalancerItsStateBackBeforeACopyIsFinished() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);

      Awaitility.await().until(() -> world.balancerRunning);
      assertThat(world.cursors.values()).hasSize(3);
      backup.signal("copyFinished", Map.of());
      backup.getResult(BackupResult.class);
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldRefuseASecondOperationOnABusyCluster() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub first = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, first, d -> d.phase() == BackupPhase.COPYING);

      assertThatThrownBy(() -> simulation.backup("b2"))
          .isInstanceOf(WorkflowFailedException.class)
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CLUSTER_BUSY));
      assertThat(simulation.manifest("b2")).isEmpty();

      first.signal("copyFinished", Map.of());
      first.getResult(BackupResult.class);
      assertThat(simulation.backup("b3").summary()).isPresent();
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldStartAgainWithNewCursorsWhenOneIsLost() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);

      world.loseCursor("s1-1:27017");
      BackupDescription second =
          await(simulation, backup, d -> d.attempt() == 2 && d.phase() == BackupPhase.COPYING);

      assertThat(second.notes()).anyMatch(n -> n.contains("attempt 1: cursor id"));
      backup.signal("copyFinished", Map.of("attempt", 2));
      BackupResult result = backup.getResult(BackupResult.class);
      assertThat(result.attempts()).isEqualTo(2);
      Invariants.check(simulation, before);
    }
  }

  /** A member that left its set answers and refuses; what it had is not proven. */
  @Test
  void shouldStartAgainWhenAMemberRefusesTheProof() {
    Faults refusing =
        (activity, key, call) -> {
          if (activity.equals("prove") && call == 0) {
            throw Failures.brief(ErrorCode.MONGO_COMMAND_FAILED, "refused with code 13436", true);
          }
          return Faults.Kind.NONE;
        };
    try (Simulation simulation = new Simulation(world, refusing)) {
      BackupResult result = simulation.backup("b1");

      assertThat(result.attempts()).isEqualTo(2);
      Invariants.check(simulation, before);
    }
  }

  /** What was copied under the lost cursor must not be taken for a copy of the new attempt. */
  @Test
  void shouldTakeNoCopyOfAnAttemptWhoseCursorWasLost() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);
      world.loseCursor("s1-1:27017");
      await(simulation, backup, d -> d.attempt() == 2 && d.phase() == BackupPhase.COPYING);

      backup.signal("copyFinished", Map.of("snapshots", List.of("of-the-first")));
      backup.signal("copyFinished", Map.of("attempt", 1));
      assertThatThrownBy(() -> backup.update("finishCopy", String.class, Map.of()))
          .rootCause()
          .hasMessageContaining("is in attempt 2, and the message names none")
          .hasMessageContaining("stillpoint backup-finish b1 --attempt 2");
      BackupDescription waiting =
          await(
              simulation,
              backup,
              d -> d.notes().stream().filter(n -> n.contains("is worthless")).count() == 2);
      assertThat(waiting.phase()).isEqualTo(BackupPhase.COPYING);

      assertThat(backup.update("finishCopy", String.class, Map.of("attempt", 2)))
          .contains("being completed");
      backup.getResult(BackupResult.class);
      assertThat(simulation.manifest("b1").orElseThrow().sets())
          .allSatisfy(s -> assertThat(s.snapshots()).isEmpty());
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldGiveUpAfterTheLastAttempt() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      for (int attempt = 1; attempt <= 3; attempt++) {
        int wanted = attempt;
        await(simulation, backup, d -> d.attempt() == wanted && d.phase() == BackupPhase.COPYING);
        world.loseCursor("cfg-1:27017");
      }

      assertThatThrownBy(() -> backup.getResult(BackupResult.class))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.ATTEMPTS_EXHAUSTED));
      assertThat(simulation.manifest("b1").orElseThrow().status())
          .isEqualTo(OperationStatus.FAILED);
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldEndCancelledAndLeaveNothingWhenCancelled() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);

      backup.cancel("enough");

      assertThatThrownBy(() -> backup.getResult(BackupResult.class))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CANCELLED));
      assertThat(simulation.manifest("b1").orElseThrow().status())
          .isEqualTo(OperationStatus.CANCELLED);
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldAbortByUpdate() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);

      assertThat(backup.update("abort", String.class, "wrong day"))
          .contains("given up", "copies that you made of it are worthless");

      assertThatThrownBy(() -> backup.getResult(BackupResult.class))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("aborted: wrong day"));
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldTakeCopiesSetBySetAndNoteWrongSignals() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      backup.signal("copyFinished", Map.of("set", "s0"));
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);

      backup.signal("copyFinished", Map.of("set", "nope"));
      backup.signal("copyFinished", Map.of("sett", "s0"));
      backup.signal("copyFinished", 7);
      backup.signal("copyFinished", Map.of("set", "s0", "snapshots", List.of("/copies/s0")));
      backup.signal("copyFinished", Map.of("set", "s0"));
      BackupDescription noted = await(simulation, backup, d -> d.notes().size() >= 5);

      assertThat(noted.notes())
          .anyMatch(n -> n.contains("in phase") || n.contains("before the backup had begun"))
          .anyMatch(n -> n.contains("has no set 'nope'"))
          .anyMatch(n -> n.contains("got {sett=s0}"))
          .anyMatch(n -> n.contains("got 7"))
          .anyMatch(n -> n.contains("reported finished before"));
      assertThatThrownBy(
              () ->
                  backup.update(
                      "finishCopy", String.class, new CopyFinished(Optional.of("s0"), List.of())))
          .isInstanceOf(WorkflowUpdateException.class);
      assertThat(
              backup.update(
                  "finishCopy", String.class, new CopyFinished(Optional.of("s1"), List.of())))
          .contains("1 sets are still");
      assertThat(
              backup.update(
                  "finishCopy", String.class, new CopyFinished(Optional.of("cfg"), List.of())))
          .contains("being completed");
      backup.getResult(BackupResult.class);
      Invariants.check(simulation, before);
    }
  }

  @Test
  void shouldChangeNothingByALateSignal() {
    CountDownLatch signalled = new CountDownLatch(1);
    Faults waiting =
        (activity, key, call) -> {
          if (activity.equals("prove")) {
            await(signalled);
          }
          return Faults.Kind.NONE;
        };
    try (Simulation simulation = new Simulation(world, waiting)) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);
      backup.signal("copyFinished", Map.of("snapshots", List.of("mine")));
      await(simulation, backup, d -> d.phase() == BackupPhase.FINISHING);

      backup.signal("copyFinished", Map.of("snapshots", List.of("another")));
      BackupDescription noted = await(simulation, backup, d -> !d.notes().isEmpty());
      signalled.countDown();

      assertThat(noted.notes())
          .singleElement()
          .asString()
          .startsWith("signal copyFinished ignored: backup 'b1' is in phase FINISHING");
      backup.getResult(BackupResult.class);
      assertThatThrownBy(() -> backup.signal("copyFinished", Map.of()))
          .isInstanceOf(WorkflowNotFoundException.class);
      assertThat(simulation.manifest("b1").orElseThrow().sets())
          .allSatisfy(
              s -> assertThat(s.snapshots()).extracting(SnapshotRef::id).containsExactly("mine"));
      Invariants.check(simulation, before);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What no JSON parser reads: the SDK alone would drop it without a trace. */
  static Stream<RawValue> unreadable() {
    return Stream.of(
        raw("json/plain", "{\"set\":"),
        raw("binary/plain", "\u0000\u0001"),
        raw("no/such-encoding", "{}"),
        new RawValue(Payload.newBuilder().setData(ByteString.copyFromUtf8("{}")).build()));
  }

  private static RawValue raw(String encoding, String data) {
    return new RawValue(
        Payload.newBuilder()
            .putMetadata("encoding", ByteString.copyFromUtf8(encoding))
            .setData(ByteString.copyFromUtf8(data))
            .build());
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void shouldNoteWhatCannotBeRead(RawValue sent) {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);

      backup.signal("copyFinished", sent);
      BackupDescription noted = await(simulation, backup, d -> !d.notes().isEmpty());

      assertThat(noted.notes())
          .singleElement()
          .asString()
          .startsWith("signal copyFinished ignored: expected {")
          .contains("got data ");
      assertThatThrownBy(() -> backup.update("finishCopy", String.class, sent))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("but must be an object"));
      assertThatThrownBy(() -> backup.update("abort", String.class, sent))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("but must be a text"));
      BackupDescription still = simulation.describe(backup);
      assertThat(still.phase()).isEqualTo(BackupPhase.COPYING);
      assertThat(still.sets()).noneMatch(BackupDescription.SetDescription::copyFinished);
      backup.signal("copyFinished");
      backup.getResult(BackupResult.class);
    }
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void shouldFailOnceWhenItsInputCannotBeRead(RawValue sent) {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub stub =
          simulation
              .environment
              .getWorkflowClient()
              .newUntypedWorkflowStub(
                  "SnapshotBackupWorkflow",
                  WorkflowOptions.newBuilder().setTaskQueue("stillpoint").build());
      stub.start(sent);

      assertThatThrownBy(() -> stub.getResult(20, TimeUnit.SECONDS, BackupResult.class))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BAD_INPUT))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("must be an object"));
    }
  }

  /** A day in which the worker that keeps the cursors is lost every hour, as a deploy would do. */
  @Test
  void shouldWaitForADayWithoutAnEvent() {
    world.keeperLeavesFor = Duration.ofHours(1);
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub backup = simulation.startBackup("b1", SnapshotType.MANUAL);
      await(simulation, backup, d -> d.phase() == BackupPhase.COPYING);
      Awaitility.await().until(() -> world.keepAlives > 2);
      int before = simulation.historyLength("backup/b1");
      int keepAlives = world.keepAlives;

      simulation.environment.sleep(Duration.ofHours(23));

      assertThat(world.keepAlives).isGreaterThan(keepAlives + 3 * 20);
      assertThat(simulation.historyLength("backup/b1")).isEqualTo(before);
      assertThat(simulation.describe(backup).phase()).isEqualTo(BackupPhase.COPYING);
      backup.signal("copyFinished");
      assertThat(backup.getResult(BackupResult.class).attempts()).isEqualTo(1);
    }
  }

  @Test
  void shouldPlanOnlyInADryRun() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub stub =
          simulation
              .environment
              .getWorkflowClient()
              .newUntypedWorkflowStub(
                  "SnapshotBackupWorkflow",
                  WorkflowOptions.newBuilder().setTaskQueue("stillpoint").build());
      stub.start(Map.of("cluster", "shop", "dryRun", true));
      BackupResult result = stub.getResult(BackupResult.class);

      assertThat(result.backup()).matches("shop-\\d{8}T\\d{6}Z");
      assertThat(result.plan()).anyMatch(l -> l.startsWith("s0: copy s0-1:27017 (secondary"));
      assertThat(world.cursors).isEmpty();
      assertThat(simulation.manifest(result.backup())).isEmpty();
    }
  }

  @Test
  void shouldSayWhichFieldIsMissing() {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub stub =
          simulation
              .environment
              .getWorkflowClient()
              .newUntypedWorkflowStub(
                  "SnapshotBackupWorkflow",
                  WorkflowOptions.newBuilder().setTaskQueue("stillpoint").build());
      stub.start(Map.of());

      assertThatThrownBy(() -> stub.getResult(BackupResult.class))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("'cluster' is missing"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'cluster':'shop','backup':'a/b'}",
        "{'cluster':'shop','backup':'../b'}",
        "{'cluster':'shop','backup':''}",
        "{'cluster':'sh op'}",
        "{'cluster':'shop','attempts':0}",
        "{'cluster':'shop','attempts':21}",
        "{'cluster':'shop','copyDeadline':'0m'}",
        "{'cluster':'shop','copyDeadline':'PT-5M'}",
        "{'cluster':'shop','copyDeadline':'31d'}"
      })
  void shouldRefuseInputThatCannotBeUsedBeforeAnythingIsDone(String typed) throws IOException {
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      WorkflowStub stub =
          simulation
              .environment
              .getWorkflowClient()
              .newUntypedWorkflowStub(
                  "SnapshotBackupWorkflow",
                  WorkflowOptions.newBuilder().setTaskQueue("stillpoint").build());
      stub.start(new ObjectMapper().readValue(typed.replace('\'', '"'), Map.class));

      assertThatThrownBy(() -> stub.getResult(BackupResult.class))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BAD_INPUT));
      assertThat(simulation.gate.log()).isEmpty();
    }
  }

  /** Within the workflow's own task nobody would see it wait, and a cancel would wait with it. */
  @ParameterizedTest
  @CsvSource({"look, RecoverySurvey", "begin, CatalogBegin", "fixPoint, CursorFixPoint"})
  void shouldShowAShortStepThatIsRepeated(String failing, String activity) {
    Faults faults = Faults.first(failing, Faults.Kind.TRANSIENT_BEFORE);
    try (Simulation simulation = new Simulation(world, faults)) {
      assertThat(simulation.backup("b1").summary()).isPresent();

      assertThat(simulation.history("backup/b1"))
          .anyMatch(e -> e.contains("ACTIVITY_TASK_SCHEDULED") && e.contains(activity));
    }
  }

  @Test
  void shouldNameTheMemberWhoseAgentIsDead() {
    world.withoutAgent("s0-1:27017");
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      assertThatThrownBy(() -> simulation.backup("b1"))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.AGENT_UNREACHABLE))
          .satisfies(e -> assertThat(Failures.messageOf(e)).contains("s0-1:27017"));
      assertThat(world.cursors).isEmpty();
      assertThat(world.balancerRunning).isTrue();
    }
  }

  private static BackupDescription await(
      Simulation simulation, WorkflowStub stub, Predicate<BackupDescription> condition) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() -> simulation.describe(stub), condition);
  }
}
