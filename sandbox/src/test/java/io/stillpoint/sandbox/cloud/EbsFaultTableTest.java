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

/** Each fault on each call: afterwards there is one snapshot per volume, and it is the recorded. */
@Execution(ExecutionMode.CONCURRENT)
class EbsFaultTableTest {

  /** Longer than the provider looks after an unknown outcome. */
  private static final Duration HIDDEN = Duration.ofSeconds(45);

  @TempDir Path directory;

  static Map<String, Fault> faults() {
    Map<String, Fault> faults = new LinkedHashMap<>();
    for (String code :
        List.of(
            "RequestLimitExceeded",
            "SnapshotCreationPerVolumeRateExceeded",
            "ConcurrentSnapshotLimitExceeded")) {
      faults.put(code, Fault.refused(code, code.startsWith("Request") ? 503 : 400));
    }
    faults.put("500 before effect", Fault.refused("InternalError", 500));
    faults.put("503 before effect", Fault.refused("Unavailable", 503));
    faults.put("500 after effect", Fault.errorAfterEffect("InternalError", 500));
    faults.put("503 after effect", Fault.errorAfterEffect("Unavailable", 503));
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
              rows.add(Arguments.of(name, "CreateSnapshot", fault, CloudBench.ONE, 1));
              rows.add(Arguments.of(name, "CreateSnapshots", fault, CloudBench.WIDE, 2));
              rows.add(Arguments.of(name, "DescribeSnapshots", fault, CloudBench.ONE, 1));
            });
    return rows.stream();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("table")
  void shouldLeaveOneSnapshotPerVolume(
      String name, String call, Fault fault, String member, int volumes) {
    try (EbsBench bench = new EbsBench(directory, CloudTiming.ORDINARY)) {
      bench.cloud.faults().add(call, fault);
      List<SnapshotRef> cut = bench.cutSurely(member, 1, "cursor-a");
      assertThat(bench.cloud.faults().calls(call)).isPositive();
      List<SnapshotRef> ready = bench.awaitReady(cut);
      assertThat(ready).hasSize(volumes);
      assertThat(bench.existing())
          .containsExactlyInAnyOrderElementsOf(ready.stream().map(SnapshotRef::id).toList());
    }
  }

  static Stream<Arguments> creations() {
    return table().filter(row -> row.get()[1].toString().startsWith("Create"));
  }

  @ParameterizedTest(name = "{0} on {1}, shown late")
  @MethodSource("creations")
  void shouldLeaveOneSnapshotPerVolumeThoughTheCloudShowsItLate(
      String name, String call, Fault fault, String member, int volumes) {
    CloudTiming slow = CloudTiming.ORDINARY.withHidden(HIDDEN);
    try (EbsBench bench = new EbsBench(directory, slow)) {
      bench.cloud.faults().add(call, fault);
      List<SnapshotRef> ready = bench.awaitReady(bench.cutSurely(member, 1, "cursor-a"));
      assertThat(bench.existing())
          .hasSize(volumes)
          .containsExactlyInAnyOrderElementsOf(ready.stream().map(SnapshotRef::id).toList());
    }
  }

  static Stream<Arguments> deletions() {
    return faults().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  @ParameterizedTest(name = "{0} on DeleteSnapshot")
  @MethodSource("deletions")
  void shouldLeaveNothingOfAnAttemptThatWasGivenUp(String name, Fault fault) {
    try (EbsBench bench = new EbsBench(directory, CloudTiming.ORDINARY)) {
      bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
      bench.cloud.faults().add("DeleteSnapshot", fault);
      bench.tried(
          () -> {
            SnapshotProvider provider = bench.provider();
            provider.delete(CloudBench.deletion(provider, CloudBench.ONE, 1));
            return true;
          });
      assertThat(bench.existing()).isEmpty();
    }
  }

  /** Java's own HTTP client repeats a POST whose answer is lost, unless it streams the body. */
  @Test
  void shouldSendACreationOnceOnly() {
    for (Fault fault :
        List.of(Fault.connectionLostAfterEffect(), Fault.errorAfterEffect("InternalError", 500))) {
      try (EbsBench bench = new EbsBench(directory, CloudTiming.ORDINARY)) {
        bench.cloud.faults().add("CreateSnapshot", fault);
        bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
        assertThat(bench.cloud.faults().calls("CreateSnapshot")).isEqualTo(1);
      }
    }
  }

  @Test
  void shouldEndWithOneSnapshotWhenTwoWorkersCutAtOnce() throws Exception {
    CloudTiming slow =
        new CloudTiming(
            Duration.ZERO, Duration.ofMinutes(3), Duration.ofSeconds(5), Duration.ZERO, false);
    ExecutorService workers = Executors.newFixedThreadPool(2);
    try (EbsBench bench = new EbsBench(directory, slow)) {
      Callable<List<SnapshotRef>> worker =
          () -> {
            SnapshotProvider provider = bench.provider();
            return provider.cut(
                CloudBench.cut(provider, CloudBench.ONE, 1, "cursor-a"), ProgressListener.NONE);
          };
      var results = workers.invokeAll(List.of(worker, worker));
      assertThat(bench.existing()).hasSize(2);
      // The workflow takes the answer of one of them; the other's comes to nobody.
      List<SnapshotRef> recorded = results.get(1).get();
      bench.awaitReady(recorded);
      assertThat(bench.existing()).containsExactly(recorded.get(0).id());
    } finally {
      workers.shutdownNow();
    }
  }
}
