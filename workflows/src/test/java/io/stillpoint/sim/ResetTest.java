package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.policy.Payloads;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.sim.virtual.Execution;
import io.stillpoint.sim.virtual.Timing;
import io.temporal.activity.Activity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody resets an operation's workflow, whose second run believes that it holds everything. */
class ResetTest {

  private final World world = new World(1, 2);
  private final BalancerSettings before = world.balancer;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> calls = new ArrayList<>();
  private String strikeAt = "";
  private String failing = "";
  private ToLongFunction<List<Long>> toTask = tasks -> tasks.get(0);
  private final VirtualOperations operations =
      new VirtualOperations(world, this::draw, Timing.even(), Payloads.converter(), threads);

  @AfterEach
  void close() {
    operations.close();
    threads.shutdownNow();
  }

  private Faults.Kind draw(String activity, String key, int call) {
    calls.add(Activity.getExecutionContext().getInfo().getWorkflowRunId() + " " + activity);
    if (activity.equals(strikeAt)) {
      strikeAt = "";
      Execution first = operations.current();
      operations.reset(first, toTask.applyAsLong(first.tasks()));
    }
    return activity.equals(failing) ? Faults.Kind.PERMANENT : Faults.Kind.NONE;
  }

  /** What activities of the current run had an effect. */
  private List<String> callsOf(Execution run) {
    String prefix = run.runId() + " ";
    return calls.stream()
        .filter(c -> c.startsWith(prefix))
        .map(c -> c.substring(prefix.length()))
        .distinct()
        .toList();
  }

  private void resetAt(String activity, ToLongFunction<List<Long>> task) {
    strikeAt = activity;
    toTask = task;
  }

  static Stream<Arguments> middles() {
    List<ToLongFunction<List<Long>>> tasks =
        List.of(all -> all.get(0), all -> all.get(all.size() / 2), all -> all.get(all.size() - 1));
    return Stream.of(
            "stage", "stop", "swap", "recover", "start", "stepUp", "settle", "compareEndPoint")
        .flatMap(a -> tasks.stream().map(t -> Arguments.of(a, t)));
  }

  @ParameterizedTest
  @MethodSource("middles")
  void shouldEndARestoreAtOnceThatWasResetHalfWay(
      String activity, ToLongFunction<List<Long>> task) {
    assertThat(operations.backup("b1")).isTrue();
    resetAt(activity, task);
    assertThat(operations.restore("b1")).isFalse();

    Optional<RuntimeException> failure = operations.failure();

    assertThat(failure.map(Failures::codeOf)).contains(ErrorCode.RECOVERY_NEEDED);
    assertThat(Failures.messageOf(failure.orElseThrow()))
        .contains("'r1' of cluster 'shop' was reset", "stillpoint recover --cluster shop");
    assertThat(callsOf(operations.current())).containsExactly("afterReset");
    assertThat(world.marks).as("recover must find it").hasSize(1);
    RecoverClusterResult recovered = operations.recover();
    assertThat(recovered.failed()).as(recovered.toString()).isFalse();
    operations.drain();
    Invariants.check(world, operations::manifest, before);
    assertThat(world.marks).isEmpty();
    assertThat(operations.backup("b2")).as("the cluster is free").isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dropStage", "undo", "start"})
  void shouldEndARestoreAtOnceThatWasResetWhileItPutTheOldDataBack(String activity) {
    assertThat(operations.backup("b1")).isTrue();
    failing = activity.equals("dropStage") ? "stage" : "recover";
    resetAt(activity, tasks -> tasks.get(tasks.size() - 1));
    assertThat(operations.restore("b1")).isFalse();

    Optional<RuntimeException> failure = operations.failure();

    assertThat(failure.map(Failures::codeOf)).contains(ErrorCode.RECOVERY_NEEDED);
    assertThat(callsOf(operations.current())).containsExactly("afterReset");
    failing = "";
    assertThat(operations.recover().failed()).isFalse();
    operations.drain();
    Invariants.check(world, operations::manifest, before);
  }

  /** Reset to any of its tasks; the last ones only say again that it has completed. */
  @Test
  void shouldLeaveACompletedRestoreAsItIs() {
    assertThat(operations.backup("b1")).isTrue();
    assertThat(operations.restore("b1")).isTrue();
    Execution first = operations.current();
    assertThat(first.tasks()).hasSizeGreaterThan(10);

    for (long task : first.tasks()) {
      operations.reset(first, task);
      Optional<RuntimeException> failure = operations.failure();

      assertThat(callsOf(operations.current()))
          .as("reset to %d: %s", task, operations.lastEvents())
          .isSubsetOf("afterReset");
      failure.ifPresent(
          f -> {
            assertThat(Failures.codeOf(f)).isEqualTo(ErrorCode.OPERATION_RESET);
            assertThat(Failures.messageOf(f))
                .contains("'r1' had completed before its workflow was reset");
          });
    }

    Invariants.check(world, operations::manifest, before);
    assertThat(world.hosts.values()).allMatch(h -> h.data.equals("b1"));
    assertThat(operations.recover().findings()).isEmpty();
  }

  static Stream<Arguments> prepared() {
    return Stream.of("stopBalancer", "open", "fixPoint", "extend", "cut", "prove", "awaitReady")
        .flatMap(
            a ->
                Stream.<ToLongFunction<List<Long>>>of(
                        all -> all.get(0), all -> all.get(all.size() - 1))
                    .map(t -> Arguments.of(a, t)));
  }

  /** It takes back what it can by name; whatever the first run left, the next operation mends. */
  @ParameterizedTest
  @MethodSource("prepared")
  void shouldNeitherCopyNorRecordABackupThatWasReset(
      String activity, ToLongFunction<List<Long>> task) {
    resetAt(activity, task);
    assertThat(operations.backup("b1")).isFalse();

    Optional<RuntimeException> failure = operations.failure();

    assertThat(failure.map(Failures::codeOf)).contains(ErrorCode.OPERATION_RESET);
    assertThat(callsOf(operations.current())).isSubsetOf("close", "closeOrphans", "delete", "end");
    operations.drain();
    assertThat(operations.backup("b2")).as("the cluster is free").isTrue();
    assertThat(operations.manifest("b1").orElseThrow().status().isFinal()).isTrue();
    operations.drain();
    Invariants.check(world, operations::manifest, before);
  }
}
