package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault on each call: afterwards there is one snapshot per disk, and it is the recorded. */
@Execution(ExecutionMode.CONCURRENT)
class GceFaultTableTest {

  @TempDir Path directory;

  static Map<String, Fault> faults() {
    Map<String, Fault> faults = new LinkedHashMap<>();
    faults.put("403 rate limit", Fault.refused("rateLimitExceeded", 403));
    faults.put("429", Fault.refused("rateLimitExceeded", 429));
    faults.put("500 before effect", Fault.refused("backendError", 500));
    faults.put("503 before effect", Fault.refused("backendError", 503));
    faults.put("500 after effect", Fault.errorAfterEffect("backendError", 500));
    faults.put("503 after effect", Fault.errorAfterEffect("backendError", 503));
    faults.put("connection lost before effect", Fault.connectionLostBeforeEffect());
    faults.put("connection lost after effect", Fault.connectionLostAfterEffect());
    faults.put("timeout before effect", Fault.silenceBeforeEffect());
    faults.put("timeout after effect", Fault.silenceAfterEffect());
    return faults;
  }

  static Stream<Arguments> table() {
    List<Arguments> rows = new ArrayList<>();
    faults()
        .forEach(
            (name, fault) -> {
              rows.add(Arguments.of(name, "snapshots.insert", fault));
              rows.add(Arguments.of(name, "snapshots.get", fault));
              rows.add(Arguments.of(name, "snapshots.list", fault));
            });
    return rows.stream();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("table")
  void shouldLeaveOneSnapshot(String name, String call, Fault fault) {
    cutsOnce(CloudTiming.ORDINARY, call, fault);
  }

  static Stream<Arguments> insertions() {
    return table().filter(row -> row.get()[1].equals("snapshots.insert"));
  }

  @ParameterizedTest(name = "{0} on {1}, shown late")
  @MethodSource("insertions")
  void shouldLeaveOneSnapshotThoughTheCloudShowsItLate(String name, String call, Fault fault) {
    cutsOnce(CloudTiming.ORDINARY.withHidden(Duration.ofSeconds(45)), call, fault);
  }

  static Stream<Arguments> deletions() {
    return faults().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  @ParameterizedTest(name = "{0} on snapshots.delete")
  @MethodSource("deletions")
  void shouldLeaveNothingOfAnAttemptThatWasGivenUp(String name, Fault fault) {
    try (GceBench bench = new GceBench(directory, CloudTiming.ORDINARY)) {
      bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
      bench.cloud.faults().add("snapshots.delete", fault);
      bench.tried(
          () -> {
            SnapshotProvider provider = bench.provider();
            provider.delete(CloudBench.deletion(provider, CloudBench.ONE, 1));
            return true;
          });
      assertThat(bench.existing()).isEmpty();
    }
  }

  @Test
  void shouldEndWithOneSnapshotWhenTwoWorkersCutAtOnce() throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(2);
    CloudTiming slow = CloudTiming.ORDINARY.withHidden(Duration.ofSeconds(1));
    try (GceBench bench = new GceBench(directory, slow)) {
      Callable<List<SnapshotRef>> worker =
          () -> {
            SnapshotProvider provider = bench.provider();
            return provider.cut(
                CloudBench.cut(provider, CloudBench.ONE, 1, "cursor-a"), ProgressListener.NONE);
          };
      var results = workers.invokeAll(List.of(worker, worker));
      assertThat(results.get(0).get().get(0).id()).isEqualTo(results.get(1).get().get(0).id());
      assertThat(bench.existing()).hasSize(1);
    } finally {
      workers.shutdownNow();
    }
  }

  private void cutsOnce(CloudTiming timing, String call, Fault fault) {
    try (GceBench bench = new GceBench(directory, timing)) {
      bench.cloud.faults().add(call, fault);
      List<SnapshotRef> ready = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
      assertThat(bench.cloud.faults().calls(call)).isPositive();
      assertThat(bench.existing()).containsExactly(ready.get(0).id());
    }
  }
}
