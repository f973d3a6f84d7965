package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract on the simulated EC2, and what is special about EBS. */
class EbsProviderTest extends CloudProviderContract<EbsBench> {

  @Override
  EbsBench open(Path root) {
    return new EbsBench(root, CloudTiming.ORDINARY);
  }

  @Test
  void shouldReturnFromTheCutWhileTheSnapshotIsStillPending() throws Exception {
    Files.writeString(bench.cloud.directories().volume("vol-1").resolve("a.wt"), "old");
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    Files.writeString(bench.cloud.directories().volume("vol-1").resolve("a.wt"), "new");
    assertThat(bench.provider().poll(cut).allReady()).isFalse();
    bench.awaitReady(cut);
    assertThat(bench.cloud.directories().snapshot(cut.get(0).id()).resolve("a.wt"))
        .hasContent("old");
  }

  @Test
  void shouldCutSeveralVolumesAsOneSetWithoutTheMachinesOthers() {
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.WIDE, 1, "cursor-a");
    assertThat(cut)
        .extracting(SnapshotRef::volume, SnapshotRef::role)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("vol-3", "data"),
            org.assertj.core.groups.Tuple.tuple("vol-4", "journal"));
    assertThat(bench.cloud.faults().calls("CreateSnapshots")).isEqualTo(1);
    bench.awaitReady(cut);
    assertThat(bench.existing()).hasSize(2);
  }

  @Test
  void shouldNameTheMissingPermission() {
    bench.cloud.deny("ec2:CreateSnapshot");
    SnapshotProvider provider = bench.provider();
    assertThatThrownBy(() -> provider.resolve(CloudBench.volumes(provider, CloudBench.ONE)))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_DENIED);
              assertThat(e.text()).contains("ec2:CreateSnapshot");
            });
  }

  @Test
  void shouldSeeInThePlanThatSnapshotsCannotBeTagged() {
    bench.cloud.deny("ec2:CreateTags");
    SnapshotProvider provider = bench.provider();
    assertRefused(
        () -> provider.resolve(CloudBench.volumes(provider, CloudBench.ONE)),
        ErrorCode.PROVIDER_DENIED);
  }

  @Test
  void shouldReportASnapshotThatFailsByItself() {
    bench.cloud.failNextSnapshot("Client.InvalidKey");
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    assertThatThrownBy(() -> bench.awaitReady(cut))
        .hasMessageContaining("Client.InvalidKey")
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_FAILED));
  }

  @Test
  void shouldRefuseAVolumeOfAnotherInstance() {
    bench.cloud.addInstance("i-9", "eu-1a");
    bench.cloud.addVolume("vol-1", "i-9", "/dev/sdf", 100);
    SnapshotProvider provider = bench.provider();
    assertThatThrownBy(() -> provider.resolve(CloudBench.volumes(provider, CloudBench.ONE)))
        .hasMessageContaining("i-9")
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_UNSUITABLE));
  }

  @Test
  void shouldWaitForTheVolumesOwnIntervalBeforeItCutsAgain() {
    SnapshotProvider provider = bench.provider();
    provider.cut(CloudBench.cut(provider, CloudBench.ONE, 1, "cursor-a"), ProgressListener.NONE);
    provider.cut(CloudBench.cut(provider, CloudBench.ONE, 2, "cursor-b"), ProgressListener.NONE);
    assertThat(bench.cloud.faults().calls("CreateSnapshot")).isEqualTo(2);
    assertThat(bench.existing()).hasSize(2);
  }

  @Test
  void shouldRefuseReservedTags() {
    assertRefused(
        () -> {
          SnapshotProvider provider = bench.provider();
          var plain = CloudBench.cut(provider, CloudBench.ONE, 1, "cursor-a");
          provider.cut(
              new io.stillpoint.activity.SnapshotActivities.CutRequest(
                  plain.type(),
                  plain.cluster(),
                  plain.backup(),
                  plain.attempt(),
                  plain.cursor(),
                  plain.point(),
                  java.util.Map.of("stillpoint:backup", "other")),
              ProgressListener.NONE);
        },
        ErrorCode.BAD_INPUT);
    assertThat(bench.existing()).isEmpty();
  }
}
