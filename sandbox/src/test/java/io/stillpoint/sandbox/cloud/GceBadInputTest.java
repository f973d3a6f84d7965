package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What bad input gets: one code each, found in the plan, nothing left behind. */
class GceBadInputTest {

  @TempDir Path directory;

  private static Arguments row(
      String what, Consumer<GceBench> spoil, Consumer<GceBench> plan, ErrorCode code, String says) {
    return Arguments.of(what, spoil, plan, code, says);
  }

  static Stream<Arguments> table() {
    Consumer<GceBench> backup =
        bench -> bench.provider().resolve(CloudBench.volumes(bench.provider(), CloudBench.ONE));
    Consumer<GceBench> restore =
        bench -> {
          CloudBench.Target target = bench.target();
          bench.restorer().requireAllowed(target.instance(), target.zone(), "eu-b/disk-2");
        };
    return Stream.of(
        row(
            "wrong credentials",
            bench -> bench.cloud.faults().add("disks.list", Fault.refused("authError", 401)),
            backup,
            ErrorCode.PROVIDER_DENIED,
            "compute.disks.list"),
        row(
            "may not cut",
            bench -> bench.cloud.deny("compute.disks.createSnapshot"),
            backup,
            ErrorCode.PROVIDER_DENIED,
            "compute.disks.createSnapshot"),
        row(
            "may not look",
            bench -> bench.cloud.deny("compute.disks.get"),
            backup,
            ErrorCode.PROVIDER_DENIED,
            "compute.disks.get"),
        row(
            "no such disk",
            bench -> bench.cloud.removeDisk("eu-a", "disk-1"),
            backup,
            ErrorCode.VOLUME_UNSUITABLE,
            "disk-1"),
        row(
            "several disks under one file system",
            bench -> {},
            bench ->
                bench.provider().resolve(CloudBench.volumes(bench.provider(), "striped:27017")),
            ErrorCode.VOLUME_UNSUITABLE,
            "cannot cut at once"),
        row(
            "may not attach",
            bench -> bench.cloud.deny("compute.instances.attachDisk"),
            restore,
            ErrorCode.PROVIDER_DENIED,
            "compute.instances.attachDisk"),
        row(
            "may not detach",
            bench -> bench.cloud.deny("compute.instances.detachDisk"),
            restore,
            ErrorCode.PROVIDER_DENIED,
            "compute.instances.detachDisk"),
        row(
            "wrong zone, or no such instance",
            bench -> {},
            bench -> bench.attached().on("vm-2", "eu-a"),
            ErrorCode.VOLUME_UNSUITABLE,
            "vm-2"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void shouldBeFoundInThePlan(
      String what, Consumer<GceBench> spoil, Consumer<GceBench> plan, ErrorCode code, String says) {
    try (GceBench bench = new GceBench(directory, CloudTiming.ORDINARY)) {
      spoil.accept(bench);
      int disks = bench.allVolumes().size();
      assertRefused(() -> plan.accept(bench), code, says);
      assertThat(bench.existing()).isEmpty();
      assertThat(bench.allVolumes()).hasSize(disks);
    }
  }

  @Test
  void shouldRefuseWhatCannotBeRestoredFromBeforeAnythingIsMade() {
    try (GceBench bench = new GceBench(directory, CloudTiming.ORDINARY)) {
      List<SnapshotRef> cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
      assertRefused(
          () -> bench.inventory().requireRestorable("shop-1", cut.get(0)),
          ErrorCode.SNAPSHOT_INCOMPLETE,
          "not stored yet");
      SnapshotRef ready = bench.awaitReady(cut).get(0);
      bench.inventory().requireRestorable("shop-1", ready);
      assertRefused(
          () -> bench.inventory().requireRestorable("shop-2", ready),
          ErrorCode.SNAPSHOT_FOREIGN,
          "shop-1");
      bench.inventory().remove(bench.inventory().inventory("shop").get(0));
      assertRefused(
          () -> bench.inventory().requireRestorable("shop-1", ready),
          ErrorCode.SNAPSHOT_UNREACHABLE,
          "is not in project acme");
    }
  }

  private static void assertRefused(Runnable work, ErrorCode code, String says) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.text()).contains(says);
              assertThat(e.hint()).isNotEmpty();
            });
  }
}
