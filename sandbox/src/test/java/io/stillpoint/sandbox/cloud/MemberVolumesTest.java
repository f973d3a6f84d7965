package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.cloud.ContentSettings;
import io.stillpoint.cloud.HostVolumes;
import io.stillpoint.cloud.MemberVolumes;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.SnapshotProvider;
import io.stillpoint.provider.VolumeExchange.Fresh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** New volumes in the live ones' places and back, each step twice, on every simulated cloud. */
class MemberVolumesTest {

  private static final Runnable ALIVE = () -> {};
  private static final String MEMBER = CloudBench.TWO;

  @TempDir Path directory;

  static Stream<Function<Path, CloudBench>> clouds() {
    return Stream.of(
        root -> new EbsBench(root, CloudTiming.ORDINARY),
        root -> new GceBench(root, CloudTiming.ORDINARY));
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldExchangeReleaseAndRefuseTheReplacedVolumeInBackups(Function<Path, CloudBench> cloud)
      throws IOException {
    try (CloudBench bench = cloud.apply(directory)) {
      mountTheLiveOne(bench);
      SnapshotRef snapshot = snapshot(bench);
      MemberVolumes volumes = volumes(bench, false);
      List<String> old = volumes.live(MEMBER);
      Fresh fresh = volumes.open(request(snapshot), old, ALIVE);
      assertThat(volumes.open(request(snapshot), old, ALIVE)).isEqualTo(fresh);
      assertThat(fresh.data().resolve("a.wt")).hasContent("new");
      for (int i = 0; i < 2; i++) {
        volumes.closeAside(MEMBER, ALIVE);
      }
      assertThat(live().resolve("db/a.wt")).hasContent("old");

      for (int i = 0; i < 2; i++) {
        volumes.unmount(MEMBER, ALIVE);
      }
      assertThat(volumes.live(MEMBER)).containsExactly("");
      for (int i = 0; i < 2; i++) {
        volumes.mount(MEMBER, fresh.volumes(), ALIVE);
      }
      assertThat(live().resolve("db/a.wt")).hasContent("new");
      assertRefused(() -> volumes.discard("restore-1", MEMBER, ALIVE), ErrorCode.AGENT_REFUSED);
      assertRefused(() -> volumes.release(MEMBER, fresh.volumes(), ALIVE), ErrorCode.AGENT_REFUSED);

      SnapshotProvider provider = bench.provider();
      assertThatThrownBy(() -> provider.resolve(CloudBench.volumes(provider, MEMBER)))
          .as("the configuration still names the replaced volume")
          .hasMessageContaining("a restore put the volumes");
      for (int i = 0; i < 2; i++) {
        volumes.release(MEMBER, old, ALIVE);
      }
      assertThat(bench.attached().on(bench.target().instance(), bench.target().zone()))
          .containsValues(fresh.volumes().get(0))
          .doesNotContainValue(old.get(0));
      assertThat(bench.content(old.get(0)).resolve("db/a.wt")).hasContent("old");
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldPutTheOldVolumeBackAndLeaveNothing(Function<Path, CloudBench> cloud)
      throws IOException {
    try (CloudBench bench = cloud.apply(directory)) {
      mountTheLiveOne(bench);
      int before = bench.allVolumes().size();
      MemberVolumes volumes = volumes(bench, false);
      List<String> old = volumes.live(MEMBER);
      Fresh fresh = volumes.open(request(snapshot(bench)), old, ALIVE);
      volumes.closeAside(MEMBER, ALIVE);
      volumes.unmount(MEMBER, ALIVE);
      volumes.mount(MEMBER, fresh.volumes(), ALIVE);

      volumes.unmount(MEMBER, ALIVE);
      volumes.mount(MEMBER, old, ALIVE);
      for (int i = 0; i < 2; i++) {
        volumes.discard("restore-1", MEMBER, ALIVE);
      }
      assertThat(live().resolve("db/a.wt")).hasContent("old");
      assertThat(bench.allVolumes()).hasSize(before);
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldDeleteReplacedVolumesWhereConfigured(Function<Path, CloudBench> cloud)
      throws IOException {
    try (CloudBench bench = cloud.apply(directory)) {
      mountTheLiveOne(bench);
      int before = bench.allVolumes().size();
      MemberVolumes volumes = volumes(bench, true);
      List<String> old = volumes.live(MEMBER);
      Fresh fresh = volumes.open(request(snapshot(bench)), old, ALIVE);
      volumes.closeAside(MEMBER, ALIVE);
      volumes.unmount(MEMBER, ALIVE);
      volumes.mount(MEMBER, fresh.volumes(), ALIVE);
      for (int i = 0; i < 2; i++) {
        volumes.release(MEMBER, old, ALIVE);
      }
      assertThat(bench.allVolumes()).hasSize(before);
      assertThat(volumes.live(MEMBER)).isEqualTo(fresh.volumes());
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldNotMountOverAnotherVolume(Function<Path, CloudBench> cloud) throws IOException {
    try (CloudBench bench = cloud.apply(directory)) {
      mountTheLiveOne(bench);
      MemberVolumes volumes = volumes(bench, false);
      Fresh fresh = volumes.open(request(snapshot(bench)), volumes.live(MEMBER), ALIVE);
      assertRefused(() -> volumes.mount(MEMBER, fresh.volumes(), ALIVE), ErrorCode.AGENT_REFUSED);
      assertThat(live().resolve("db/a.wt")).hasContent("old");
    }
  }

  private Path live() {
    return directory.resolve("live");
  }

  private void mountTheLiveOne(CloudBench bench) throws IOException {
    Path volume =
        bench
            .sourceOfOne()
            .resolveSibling(bench.sourceOfOne().getFileName().toString().replace('1', '2'));
    Files.createDirectories(volume.resolve("db"));
    Files.writeString(volume.resolve("db/a.wt"), "old");
    Files.createSymbolicLink(live(), volume);
  }

  private SnapshotRef snapshot(CloudBench bench) throws IOException {
    Path db = Files.createDirectories(bench.sourceOfOne().resolve("db"));
    Files.writeString(db.resolve("a.wt"), "new");
    return bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")).get(0);
  }

  private MemberVolumes volumes(CloudBench bench, boolean deleteReplaced) {
    ContentSettings copying =
        SimulatedMount.of(
            MEMBER, bench.target(), directory.resolve("aside"), bench.sourceOfOne().getParent());
    ContentSettings settings =
        new ContentSettings(
            copying.member(),
            copying.instance(),
            copying.zone(),
            copying.mounts(),
            copying.dataDirectory(),
            copying.mount(),
            copying.unmount(),
            copying.limit(),
            copying.volume(),
            Optional.of(
                new ContentSettings.Exchange(
                    directory,
                    List.of(live()),
                    List.of("sh", "-c", "basename \"$(readlink \"$1\")\"", "id", "{directory}"),
                    deleteReplaced)));
    return new MemberVolumes(
        bench.provider().type(),
        bench.restorer(),
        bench.attached(),
        new HostVolumes(),
        List.of(settings));
  }

  private static StageRequest request(SnapshotRef snapshot) {
    return new StageRequest(
        "restore-1",
        "shop-1",
        MEMBER,
        "rs0",
        new FileListRef("files", 0, 0, ""),
        List.of(snapshot));
  }

  private static void assertRefused(Runnable work, ErrorCode code) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
