package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.cloud.ContentSettings;
import io.stillpoint.cloud.HostVolumes;
import io.stillpoint.cloud.VolumeContent;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From a snapshot in a cloud to a readable directory on a member's host, and back to nothing. */
class VolumeContentTest {

  private static final Runnable ALIVE = () -> {};

  @TempDir Path directory;

  static Stream<Function<Path, CloudBench>> clouds() {
    return Stream.of(
        root -> new EbsBench(root, CloudTiming.ORDINARY),
        root -> new GceBench(root, CloudTiming.ORDINARY));
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldShowASnapshotsFilesUntilItIsClosed(Function<Path, CloudBench> cloud)
      throws IOException {
    try (CloudBench bench = cloud.apply(directory)) {
      int before = bench.allVolumes().size();
      SnapshotRef snapshot = snapshot(bench, "first");
      Path opened = content(bench).open(request(snapshot), ALIVE);
      assertThat(opened.resolve("a.wt")).hasContent("first");
      assertThat(content(bench).open(request(snapshot), ALIVE)).isEqualTo(opened);
      assertThat(bench.allVolumes()).hasSize(before + 1);

      content(bench).close("restore-1", CloudBench.TWO, ALIVE);
      content(bench).close("restore-1", CloudBench.TWO, ALIVE);
      assertThat(opened).doesNotExist();
      assertThat(mount()).isEmptyDirectory();
      assertThat(bench.allVolumes()).hasSize(before);
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldNeverShowWhatAnEarlierRestoreLeftMounted(Function<Path, CloudBench> cloud)
      throws IOException {
    try (CloudBench bench = cloud.apply(directory)) {
      Path other = Files.createDirectories(directory.resolve("other/db"));
      Files.writeString(other.resolve("a.wt"), "foreign");
      Files.createDirectories(mount().getParent());
      Files.createSymbolicLink(mount(), other.getParent());
      Path opened = content(bench).open(request(snapshot(bench, "right")), ALIVE);
      assertThat(opened.resolve("a.wt")).hasContent("right");
    }
  }

  @Test
  void shouldRefuseAMemberWithoutMounts() throws IOException {
    try (EbsBench bench = new EbsBench(directory, CloudTiming.ORDINARY)) {
      SnapshotRef snapshot = snapshot(bench, "first");
      VolumeContent none =
          new VolumeContent(
              snapshot.provider(),
              bench.restorer(),
              bench.attached(),
              new HostVolumes(),
              List.of());
      CloudProviderContract.assertRefused(
          () -> none.open(request(snapshot), ALIVE), ErrorCode.AGENT_REFUSED);
    }
  }

  @Test
  void shouldSayWhatTheMountCommandSaid() throws IOException {
    try (EbsBench bench = new EbsBench(directory, CloudTiming.ORDINARY)) {
      SnapshotRef snapshot = snapshot(bench, "first");
      ContentSettings good = settings(bench);
      ContentSettings broken =
          new ContentSettings(
              good.member(),
              good.instance(),
              good.zone(),
              good.mounts(),
              good.dataDirectory(),
              List.of("sh", "-c", "echo wrong fs type >&2; exit 32"),
              good.unmount(),
              good.limit(),
              good.volume(),
              good.exchange());
      VolumeContent content =
          new VolumeContent(
              snapshot.provider(),
              bench.restorer(),
              bench.attached(),
              new HostVolumes(),
              List.of(broken));
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> content.open(request(snapshot), ALIVE))
          .hasMessageContaining("wrong fs type")
          .hasMessageContaining("32");
    }
  }

  private SnapshotRef snapshot(CloudBench bench, String text) throws IOException {
    Path db = Files.createDirectories(bench.sourceOfOne().resolve("db"));
    Files.writeString(db.resolve("a.wt"), text);
    return bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")).get(0);
  }

  private VolumeContent content(CloudBench bench) {
    return new VolumeContent(
        bench.provider().type(),
        bench.restorer(),
        bench.attached(),
        new HostVolumes(),
        List.of(settings(bench)));
  }

  private ContentSettings settings(CloudBench bench) {
    return SimulatedMount.of(
        CloudBench.TWO, bench.target(), mount(), bench.sourceOfOne().getParent());
  }

  private Path mount() {
    return directory.resolve("mounts/two");
  }

  private static StageRequest request(SnapshotRef snapshot) {
    return new StageRequest(
        "restore-1",
        "shop-1",
        CloudBench.TWO,
        "rs0",
        new FileListRef("files", 0, 0, ""),
        List.of(snapshot));
  }
}
