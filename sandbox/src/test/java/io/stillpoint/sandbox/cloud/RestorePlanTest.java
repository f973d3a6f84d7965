package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.cloud.ContentSettings;
import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.HostVolumes;
import io.stillpoint.cloud.MemberVolumes;
import io.stillpoint.cloud.VolumeContent;
import io.stillpoint.cloud.VolumeRestorer.Request;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a node agent finds out before a restore: permissions, devices, encryption. */
class RestorePlanTest {

  private static final String MEMBER = CloudBench.TWO;
  private static final Function<Path, CloudBench> EBS =
      root -> new EbsBench(root, CloudTiming.ORDINARY);
  private static final Function<Path, CloudBench> GCE =
      root -> new GceBench(root, CloudTiming.ORDINARY);

  @TempDir Path directory;

  static Stream<Function<Path, CloudBench>> clouds() {
    return Stream.of(EBS, GCE);
  }

  static Stream<Arguments> permissions() {
    return Stream.concat(
        Stream.of("CreateVolume", "AttachVolume", "DetachVolume", "DeleteVolume")
            .map(call -> Arguments.of("ec2:" + call, EBS)),
        Stream.of(
                "compute.snapshots.useReadOnly",
                "compute.disks.use",
                "compute.disks.setLabels",
                "compute.disks.delete",
                "compute.instances.attachDisk",
                "compute.instances.detachDisk")
            .map(permission -> Arguments.of(permission, GCE)));
  }

  @ParameterizedTest(name = "without {0}")
  @MethodSource("permissions")
  void shouldNameTheMissingPermissionBeforeAnythingIsMade(
      String permission, Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory)) {
      SnapshotRef snapshot = snapshot(bench);
      List<String> volumes = bench.allVolumes();
      bench.deny(permission);
      assertThatThrownBy(() -> exchange(bench, true).plan(request(snapshot), live(bench)))
          .isInstanceOfSatisfying(
              StillpointException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_DENIED))
          .hasMessageContaining(permission);
      assertThat(bench.allVolumes()).isEqualTo(volumes);
    }
  }

  @Test
  void shouldNameEverythingThatIsMissingAtOnce() {
    try (CloudBench bench = EBS.apply(directory)) {
      SnapshotRef snapshot = snapshot(bench);
      bench.deny("ec2:CreateVolume");
      bench.deny("ec2:DetachVolume");
      assertThatThrownBy(() -> exchange(bench, false).plan(request(snapshot), live(bench)))
          .hasMessageContaining("ec2:CreateVolume, ec2:DetachVolume");
    }
  }

  /** A role may be limited to deleting what restores made, as the documented one is. */
  @ParameterizedTest
  @MethodSource("clouds")
  void shouldSayWhatCanNotBeCheckedWhereTheLiveVolumeStays(Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory)) {
      SnapshotRef snapshot = snapshot(bench);
      assertThat(exchange(bench, false).plan(request(snapshot), live(bench))).hasSize(1);
      bench.deny("ec2:DeleteVolume");
      bench.deny("compute.disks.delete");
      assertThat(exchange(bench, false).plan(request(snapshot), live(bench)))
          .hasSize(2)
          .last()
          .asString()
          .contains("can only be checked on");
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldRefuseToCopyEncryptedDataOntoAVolumeThatIsNot(Function<Path, CloudBench> cloud)
      throws IOException {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"));
        SimulatedHost host = host(bench)) {
      bench.encrypt(true, false);
      SnapshotRef snapshot = snapshot(bench);
      List<String> volumes = bench.allVolumes();
      assertThatThrownBy(() -> content(bench, host).plan(request(snapshot), dataPath()))
          .isInstanceOfSatisfying(
              StillpointException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_UNSUITABLE))
          .hasMessageContaining(snapshot.id())
          .hasMessageContaining("which is not");
      assertThat(bench.allVolumes()).isEqualTo(volumes);
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldCopyOntoAnEncryptedVolume(Function<Path, CloudBench> cloud) throws IOException {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"));
        SimulatedHost host = host(bench)) {
      bench.encrypt(true, true);
      assertThat(content(bench, host).plan(request(snapshot(bench)), dataPath()))
          .hasSize(1)
          .first()
          .asString()
          .contains("encrypted with")
          .contains("for the time of the copy");
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldSayThatTheTargetsEncryptionCannotBeTold(Function<Path, CloudBench> cloud)
      throws IOException {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"));
        SimulatedHost host = new SimulatedHost(directory.resolve("root"), Map.of())) {
      bench.encrypt(true, true);
      java.nio.file.Files.createDirectories(dataPath());
      assertThat(content(bench, host).plan(request(snapshot(bench)), dataPath()))
          .hasSize(2)
          .last()
          .asString()
          .contains("could not be told");
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldNotAskForEncryptionThatTheSourceNeverHad(Function<Path, CloudBench> cloud)
      throws IOException {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"));
        SimulatedHost host = host(bench)) {
      bench.encrypt(false, false);
      assertThat(content(bench, host).plan(request(snapshot(bench)), dataPath())).hasSize(1);
    }
  }

  /** EBS does so by itself; Compute has to be told. */
  @ParameterizedTest
  @MethodSource("clouds")
  void shouldKeepTheSnapshotsKeyWhereTheReplacedVolumeHasNone(Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory)) {
      bench.encrypt(true, false);
      SnapshotRef snapshot = snapshot(bench);
      Optional<String> key = bench.restorer().keyOf("shop-1", snapshot);
      assertThat(key).isPresent();
      String made =
          bench
              .restorer()
              .create(
                  new Request(
                      "restore-1",
                      "shop-1",
                      MEMBER,
                      snapshot,
                      Shape.in(bench.target().zone()),
                      FoundVolume.EXCHANGE),
                  () -> {});
      assertThat(bench.restorer().keyOf(made)).isEqualTo(key);
    }
  }

  private Path dataPath() {
    return directory.resolve("var/lib/mongo");
  }

  /** The data path of {@link #MEMBER} on the volume that the cloud has attached. */
  private SimulatedHost host(CloudBench bench) throws IOException {
    SimulatedHost host = new SimulatedHost(directory.resolve("root"), Map.of());
    boolean ebs = bench.provider().type() == SnapshotType.EBS;
    Path disk =
        ebs
            ? host.disk("nvme1n1", "Amazon Elastic Block Store", "vol2")
            : host.disk("sdb", "PersistentDisk", "");
    host.link("google-mongo", "sdb");
    host.mounted(dataPath(), disk, "xfs");
    return host;
  }

  private static List<String> live(CloudBench bench) {
    return bench.attached().on(bench.target().instance(), bench.target().zone()).values().stream()
        .toList();
  }

  private SnapshotRef snapshot(CloudBench bench) {
    return bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")).get(0);
  }

  private VolumeContent content(CloudBench bench, SimulatedHost host) {
    return new VolumeContent(
        bench.provider().type(),
        bench.restorer(),
        bench.attached(),
        host.volumes(),
        List.of(copying(bench)));
  }

  private MemberVolumes exchange(CloudBench bench, boolean deleteReplaced) {
    ContentSettings copying = copying(bench);
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
                    directory, List.of(dataPath()), List.of(), deleteReplaced)));
    return new MemberVolumes(
        bench.provider().type(),
        bench.restorer(),
        bench.attached(),
        new HostVolumes(),
        List.of(settings));
  }

  private ContentSettings copying(CloudBench bench) {
    return SimulatedMount.of(
        MEMBER, bench.target(), directory.resolve("aside"), bench.sourceOfOne().getParent());
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
}
