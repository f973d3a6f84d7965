package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.cloud.gcp.GceProvider;
import io.stillpoint.cloud.gcp.GceSettings;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract on the simulated Compute, and what is special about its snapshots. */
class GceProviderTest extends CloudProviderContract<GceBench> {

  @Override
  GceBench open(Path root) {
    return new GceBench(root, CloudTiming.ORDINARY);
  }

  @Test
  void shouldHoldTheCutUntilTheContentIsFixed() throws Exception {
    Path file = bench.cloud.directories().volume("disk-1").resolve("a.wt");
    Files.writeString(file, "old");
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    Files.writeString(file, "new");
    assertThat(bench.provider().poll(cut).allReady()).isFalse();
    bench.awaitReady(cut);
    assertThat(bench.cloud.directories().snapshot(cut.get(0).id()).resolve("a.wt"))
        .hasContent("old");
  }

  @Test
  void shouldCutDataAndJournalOnDisksOfTheirOwn() {
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.WIDE, 1, "cursor-a");
    assertThat(cut).extracting(SnapshotRef::role).containsExactly("data", "journal");
    bench.awaitReady(cut);
    assertThat(bench.existing()).hasSize(2);
  }

  @Test
  void shouldRefuseAFileSystemOverSeveralDisks() {
    SnapshotProvider provider = bench.provider();
    assertRefused(
        () -> provider.resolve(CloudBench.volumes(provider, "striped:27017")),
        ErrorCode.VOLUME_UNSUITABLE);
    assertRefused(
        () ->
            provider.cut(
                CloudBench.cut(provider, "striped:27017", 1, "cursor-a"), ProgressListener.NONE),
        ErrorCode.VOLUME_UNSUITABLE);
  }

  @Test
  void shouldNameTheMissingPermission() {
    bench.cloud.deny("compute.disks.createSnapshot");
    SnapshotProvider provider = bench.provider();
    assertThatThrownBy(() -> provider.resolve(CloudBench.volumes(provider, CloudBench.ONE)))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_DENIED);
              assertThat(e.text()).contains("compute.disks.createSnapshot");
            });
  }

  @Test
  void shouldTellARateLimitFromAMissingPermissionThoughBothAreHttp403() {
    bench.cloud.faults().add("snapshots.list", Fault.refused("rateLimitExceeded", 403));
    assertRefused(() -> bench.provider().list("shop", "shop-1"), ErrorCode.PROVIDER_LIMIT);
    bench.cloud.faults().add("snapshots.list", Fault.refused("forbidden", 403));
    assertRefused(() -> bench.provider().list("shop", "shop-1"), ErrorCode.PROVIDER_DENIED);
  }

  @Test
  void shouldWaitOutTheLimitPerDisk() {
    for (int attempt = 1; attempt <= 6; attempt++) {
      bench.cutSurely(CloudBench.ONE, attempt, "cursor-" + attempt);
    }
    SnapshotProvider provider = bench.provider();
    assertRefused(
        () ->
            provider.cut(
                CloudBench.cut(provider, CloudBench.ONE, 7, "cursor-7"), ProgressListener.NONE),
        ErrorCode.PROVIDER_LIMIT);
    bench.advance(Duration.ofHours(1));
    assertThat(bench.cutSurely(CloudBench.ONE, 7, "cursor-7")).hasSize(1);
  }

  @Test
  void shouldReportASnapshotThatFailsByItself() {
    bench.cloud.failNextSnapshot();
    assertRefused(() -> bench.cutSurely(CloudBench.ONE, 1, "cursor-a"), ErrorCode.SNAPSHOT_FAILED);
  }

  @Test
  void shouldTellBackupsApartWhoseLabelsAreTheSame() {
    bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    assertThat(bench.provider().list("shop", "SHOP-1")).isEmpty();
    assertThat(bench.provider().list("shop", "shop-1")).hasSize(1);
  }

  @Test
  void shouldKeepSnapshotsInAnotherProject() {
    GceProvider own = bench.provider();
    bench.keepSnapshotsIn("vault");
    SnapshotRef cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a").get(0);

    assertThat(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")).containsExactly(cut);
    assertThat(bench.provider().list("shop", "shop-1")).hasSize(1);
    assertThat(own.list("shop", "shop-1")).as("snapshots in the disks' project").isEmpty();
    bench.advance(Duration.ofHours(1));
    bench.provider().delete(CloudBench.deletion(bench.provider(), CloudBench.ONE, 1));
    assertThat(bench.existing()).isEmpty();
  }

  @Test
  void shouldKeepSnapshotsWithTheKeyAndInThePlaceThatTheSettingsName() {
    bench.use(
        s ->
            new GceSettings(
                s.project(),
                s.endpoint(),
                s.volumes(),
                "europe-west3",
                s.callTimeout(),
                s.lookFor(),
                s.fixing(),
                s.altogether(),
                s.askHosts(),
                GceBench.KEY,
                ""));
    String snapshot = bench.cutSurely(CloudBench.ONE, 1, "cursor-a").get(0).id();
    assertThat(bench.cloud.keyAndLocationOf(snapshot))
        .containsExactly(GceBench.KEY, "europe-west3");
    bench.cloud.encrypt("eu-a", "disk-1", GceBench.KEY + "-of-the-disk");
    GceProvider provider = bench.provider();
    assertThatThrownBy(() -> provider.resolve(CloudBench.volumes(provider, CloudBench.ONE)))
        .hasMessageContaining("-of-the-disk, so its snapshots cannot be encrypted with");
  }
}
