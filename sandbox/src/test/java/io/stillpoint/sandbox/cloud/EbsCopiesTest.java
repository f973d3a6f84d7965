package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.VolumeRestorer.Request;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.cloud.aws.EbsCopySettings;
import io.stillpoint.cloud.aws.EbsProvider;
import io.stillpoint.cloud.aws.EbsRestorer;
import io.stillpoint.cloud.aws.EbsSettings;
import io.stillpoint.cloud.aws.Ec2Access;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.SnapshotCopy;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

/** Copies in another region: one each, whatever happens, and as good as what they are copies of. */
@Execution(ExecutionMode.CONCURRENT)
class EbsCopiesTest {

  private static final String WEST = "eu-west-1";

  @TempDir Path directory;

  static Stream<Arguments> faults() {
    return EbsFaultTableTest.faults().entrySet().stream()
        .flatMap(
            fault ->
                Stream.of("CopySnapshot", "DescribeSnapshots")
                    .map(call -> Arguments.of(fault.getKey(), call, fault.getValue())));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("faults")
  void shouldMakeOneCopy(String name, String call, Fault fault) {
    try (EbsBench bench = bench(CloudTiming.ORDINARY)) {
      SnapshotRef ready = ready(bench);
      bench.elsewhere.faults().add(call, fault);
      SnapshotRef copied = copied(bench, ready);
      assertThat(bench.elsewhere.faults().calls(call)).isPositive();
      assertThat(copied.copies())
          .containsExactly(new SnapshotCopy(WEST, bench.elsewhere.snapshots().get(0)));
      assertThat(bench.elsewhere.snapshots()).hasSize(1);
      assertThat(bench.existing()).containsExactly(ready.id());
    }
  }

  @ParameterizedTest(name = "{0} on {1}, shown late")
  @MethodSource("faults")
  void shouldMakeOneCopyThoughTheRegionShowsItLate(String name, String call, Fault fault) {
    try (EbsBench bench = bench(CloudTiming.ORDINARY.withHidden(Duration.ofSeconds(45)))) {
      SnapshotRef ready = ready(bench);
      bench.elsewhere.faults().add(call, fault);
      SnapshotRef copied = copied(bench, ready);
      assertThat(bench.elsewhere.snapshots()).containsExactly(copied.idIn(WEST));
    }
  }

  @Test
  void shouldEndWithOneCopyWhenTwoWorkersMadeTwo() throws Exception {
    CloudTiming slow =
        new CloudTiming(
            Duration.ZERO, Duration.ofMinutes(3), Duration.ofSeconds(5), Duration.ZERO, false);
    ExecutorService workers = Executors.newFixedThreadPool(2);
    try (EbsBench bench = bench(slow)) {
      SnapshotRef ready = ready(bench);
      Callable<SnapshotProvider.Readiness> worker =
          () -> bench.provider().copyElsewhere(List.of(ready), ProgressListener.NONE);
      for (var begun : workers.invokeAll(List.of(worker, worker))) {
        begun.get();
      }
      SnapshotRef one = copied(bench, ready);
      SnapshotRef other = copied(bench, ready);
      assertThat(one).isEqualTo(other);
      assertThat(bench.elsewhere.snapshots()).containsExactly(one.idIn(WEST));
    } finally {
      workers.shutdownNow();
    }
  }

  @Test
  void shouldSayThatACopyFailedAndLeaveNoneOfIt() {
    try (EbsBench bench = bench(CloudTiming.ORDINARY)) {
      SnapshotRef ready = ready(bench);
      bench.elsewhere.failNextSnapshot("Given key ID is not accessible");
      assertRefused(() -> copied(bench, ready), ErrorCode.SNAPSHOT_FAILED, "key ID");
      assertThat(bench.elsewhere.snapshots()).isEmpty();
      assertThat(bench.existing()).containsExactly(ready.id());
      assertThat(copied(bench, ready).copies()).as("and can be tried again").hasSize(1);
    }
  }

  @Test
  void shouldFindAMissingPermissionInThePlan() {
    try (EbsBench bench = bench(CloudTiming.ORDINARY)) {
      SnapshotProvider provider = bench.provider();
      assertThat(provider.resolve(CloudBench.volumes(provider, CloudBench.ONE)).copyTo())
          .isEqualTo(WEST);
      bench.elsewhere.deny("ec2:CopySnapshot");
      assertRefused(
          () -> provider.resolve(CloudBench.volumes(provider, CloudBench.ONE)),
          ErrorCode.PROVIDER_DENIED,
          "ec2:CopySnapshot");
    }
  }

  @Test
  void shouldRefuseToCopyIntoTheSameRegion() {
    EbsCopySettings same = new EbsCopySettings("eu-central-1", Optional.empty(), "");
    assertRefused(
        () -> EbsSettings.of("eu-central-1", Optional.empty(), List.of()).with(Optional.of(same)),
        ErrorCode.CONFIGURATION_INVALID,
        "eu-central-1");
  }

  @Test
  void shouldTellWhatACopyIsByItsTagsAlone() {
    try (EbsBench bench = bench(CloudTiming.ORDINARY)) {
      SnapshotRef copied = copied(bench, ready(bench));
      FoundSnapshot original = found(bench, copied.id());
      FoundSnapshot copy = found(bench, copied.idIn(WEST));
      assertThat(copy.identity()).isEqualTo(original.identity());
      assertThat(copy.place()).isEqualTo(WEST);
      assertThat(bench.elsewhere.tags(copied.idIn(WEST)))
          .containsEntry("team", "storage")
          .containsEntry("stillpoint:copy-of", copied.id());
      try (Ec2Access west = bench.accessElsewhere()) {
        assertThat(restorer(bench, west).keyOf("shop-1", copied)).contains(EbsBench.COPY_KEY);
      }
    }
  }

  @Test
  void shouldDeleteTheCopyWithItsSnapshotAndRefuseWhereItCannot() {
    try (EbsBench bench = bench(CloudTiming.ORDINARY)) {
      SnapshotRef copied = copied(bench, ready(bench));
      try (Ec2Access west = bench.accessElsewhere()) {
        EbsSettings settings = EbsSettings.of(WEST, Optional.empty(), List.of());
        EbsProvider there = new EbsProvider(west, settings, new SimulatedPacer(bench.time));
        assertRefused(
            () -> there.discard("shop", "shop-1", List.of(copied)),
            ErrorCode.CONFIGURATION_INVALID,
            "where this worker does not copy to");
      }
      for (int i = 0; i < 2; i++) {
        bench.provider().discard("shop", "shop-1", List.of(copied));
      }
      assertThat(bench.existing()).isEmpty();
      assertThat(bench.elsewhere.snapshots()).isEmpty();
    }
  }

  @Test
  void shouldDeleteTheCopiesOfAnAttemptThatWasGivenUp() {
    try (EbsBench bench = bench(CloudTiming.ORDINARY)) {
      copied(bench, ready(bench));
      SnapshotProvider provider = bench.provider();
      provider.delete(CloudBench.deletion(provider, CloudBench.ONE, 1));
      assertThat(bench.existing()).isEmpty();
      assertThat(bench.elsewhere.snapshots()).isEmpty();
    }
  }

  /** The region of the snapshots is lost: what is left is a worker in the copies' region. */
  @Test
  void shouldRestoreFromTheCopyInItsRegion() throws IOException {
    try (EbsBench bench = bench(CloudTiming.ORDINARY)) {
      Files.writeString(bench.sourceOfOne().resolve("a.wt"), "data");
      SnapshotRef copied = copied(bench, ready(bench));
      Manifest manifest = InventoryActivitiesTest.manifest(List.of(copied), 5);
      Inscription inscription = Inscription.of(manifest, manifest.sets().get(0));
      bench.provider().inscribe(copied, inscription);
      bench.cloud.close();
      try (Ec2Access west = bench.accessElsewhere()) {
        EbsSettings settings = EbsSettings.of(WEST, Optional.empty(), List.of());
        EbsProvider there = new EbsProvider(west, settings, new SimulatedPacer(bench.time));
        there.requireRestorable("shop-1", copied);
        assertThat(there.inventory("shop"))
            .singleElement()
            .satisfies(found -> assertThat(found.inscription()).contains(inscription));
        EbsRestorer restorer = restorer(bench, west);
        Request request =
            new Request(
                "restore-1",
                "shop-1",
                CloudBench.TWO,
                copied,
                Shape.in("eu-w1"),
                FoundVolume.EXCHANGE);
        String volume = restorer.create(request, () -> {});
        assertThat(restorer.create(request, () -> {})).isEqualTo(volume);
        assertThat(bench.elsewhere.directories().volume(volume).resolve("a.wt")).hasContent("data");
        restorer.attach("restore-1", volume, "i-9", "/dev/sdp", () -> {});
      }
    }
  }

  private EbsBench bench(CloudTiming timing) {
    return new EbsBench(directory, timing, true);
  }

  private static EbsRestorer restorer(EbsBench bench, Ec2Access access) {
    return new EbsRestorer(access, new SimulatedPacer(bench.time));
  }

  private static SnapshotRef ready(EbsBench bench) {
    return bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")).get(0);
  }

  /** As the activity does: tried again by other workers, until the copy is complete. */
  private static SnapshotRef copied(EbsBench bench, SnapshotRef snapshot) {
    for (int i = 0; i < 500; i++) {
      SnapshotRef now =
          bench
              .tried(() -> bench.provider().copyElsewhere(List.of(snapshot), ProgressListener.NONE))
              .snapshots()
              .get(0);
      if (!now.copies().isEmpty()) {
        return now;
      }
      bench.advance(Duration.ofSeconds(15));
    }
    throw new AssertionError("not copied after 500 looks: " + snapshot);
  }

  private static FoundSnapshot found(EbsBench bench, String id) {
    return bench.inventory().inventory("shop").stream()
        .filter(snapshot -> snapshot.ref().id().equals(id))
        .findFirst()
        .orElseThrow();
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
