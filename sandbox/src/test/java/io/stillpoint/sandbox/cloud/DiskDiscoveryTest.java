package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.SnapshotActivities.HostDisk;
import io.stillpoint.activity.SnapshotActivities.HostDisks;
import io.stillpoint.activity.SnapshotActivities.Placement;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.cloud.DiskDiscovery;
import io.stillpoint.cloud.MachineMetadata;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a data path through mounts and sysfs to the volumes that the API has attached. */
class DiskDiscoveryTest {

  private static final String EBS = "Amazon Elastic Block Store";
  private static final String STRANGER = "stranger:27017";

  private static final Map<String, String> EC2 =
      Map.of(
          "/latest/meta-data/instance-id", "i-3",
          "/latest/meta-data/placement/availability-zone", "eu-1a");

  private static final Map<String, String> COMPUTE =
      Map.of(
          "/computeMetadata/v1/instance/name", "vm-3",
          "/computeMetadata/v1/instance/zone", "projects/42/zones/eu-a");

  @TempDir Path directory;

  @Test
  void shouldFindDataAndJournalByTheirSerialNumbers() throws IOException {
    try (SimulatedHost host = new SimulatedHost(directory.resolve("root"), EC2);
        EbsBench bench = bench()) {
      Path db = directory.resolve("var/lib/mongo");
      host.mounted(db, host.partition(host.disk("nvme1n1", EBS, "vol3"), "nvme1n1p1"), "xfs");
      host.mounted(db.resolve("journal"), host.disk("nvme2n1", EBS, "vol4"), "xfs");

      VolumePlan plan = bench.provider().resolve(request(disks(host, db), STRANGER));

      assertThat(plan.askHost()).isFalse();
      assertThat(plan.placements())
          .containsExactly(
              new Placement("data", "i-3", "vol-3", "eu-1a"),
              new Placement("journal", "i-3", "vol-4", "eu-1a"));
    }
  }

  @Test
  void shouldFindEveryVolumeUnderALogicalVolumeAsOneSet() throws IOException {
    try (SimulatedHost host = new SimulatedHost(directory.resolve("root"), EC2);
        EbsBench bench = bench()) {
      Path db = directory.resolve("var/lib/mongo");
      Path first = host.disk("nvme1n1", EBS, "vol3");
      Path second = host.disk("nvme2n1", EBS, "vol4");
      host.mounted(db, host.stacked("dm-1", host.stacked("dm-0", first, second)), "xfs");

      VolumePlan plan = bench.provider().resolve(request(disks(host, db), STRANGER));

      assertThat(plan.placements())
          .extracting(Placement::role, Placement::volume)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("data", "vol-3"),
              org.assertj.core.groups.Tuple.tuple("data", "vol-4"));
    }
  }

  @Test
  void shouldFollowALinkToAnotherMount() throws IOException {
    try (SimulatedHost host = new SimulatedHost(directory.resolve("root"), EC2)) {
      Path db = directory.resolve("var/lib/mongo");
      Path other = directory.resolve("fast");
      host.mounted(db, host.disk("nvme1n1", EBS, "vol3"), "xfs");
      host.mounted(other, host.disk("nvme2n1", EBS, "vol4"), "ext4");
      Files.createDirectories(other.resolve("orders"));
      Files.createSymbolicLink(db.resolve("orders"), other.resolve("orders"));

      assertThat(disks(host, db).disks())
          .extracting(HostDisk::role, HostDisk::serial, HostDisk::fileSystem)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("data", "vol3", "xfs"),
              org.assertj.core.groups.Tuple.tuple("orders", "vol4", "ext4"));
    }
  }

  @Test
  void shouldFindAComputeDiskByItsLink() throws IOException {
    try (SimulatedHost host = new SimulatedHost(directory.resolve("root"), COMPUTE);
        GceBench bench = new GceBench(directory.resolve("cloud"), CloudTiming.ORDINARY)) {
      Path db = directory.resolve("var/lib/mongo");
      host.mounted(db, host.disk("sdb", "PersistentDisk", ""), "xfs");
      host.link("google-mongo", "sdb");

      HostDisks found =
          new DiskDiscovery(
                  host.volumes(), new MachineMetadata("", "", Optional.of(host.metadata())))
              .disks(db, SnapshotType.GCE);
      VolumePlan plan = bench.provider().resolve(request(found, STRANGER));

      assertThat(plan.placements())
          .containsExactly(new Placement("data", "vm-3", "disk-3", "eu-a"));
    }
  }

  @Test
  void shouldRefuseWhenConfigurationAndHostDisagree() throws IOException {
    try (SimulatedHost host = new SimulatedHost(directory.resolve("root"), EC2);
        EbsBench bench = bench()) {
      Path db = directory.resolve("var/lib/mongo");
      host.mounted(db, host.disk("nvme1n1", EBS, "vol5"), "xfs");
      HostDisks found = disks(host, db);

      assertRefused(
          () -> bench.provider().resolve(request(found, CloudBench.WIDE)),
          ErrorCode.VOLUME_UNSUITABLE,
          "vol-3");
    }
  }

  @Test
  void shouldRefuseInstanceStorageForeignDisksAndHiddenOnes() throws IOException {
    try (SimulatedHost host = new SimulatedHost(directory.resolve("root"), EC2);
        EbsBench bench = bench()) {
      Path ephemeral = directory.resolve("ephemeral");
      Path foreign = directory.resolve("foreign");
      Path hidden = directory.resolve("hidden");
      host.mounted(
          ephemeral, host.disk("nvme3n1", "Amazon EC2 NVMe Instance Storage", "AWS1"), "xfs");
      host.mounted(foreign, host.disk("nvme4n1", EBS, "vol0stranger"), "xfs");
      Files.createDirectories(hidden);
      host.mounted(hidden.toRealPath(), "0:44", "btrfs", "/dev/nvme5n1");

      assertRefused(
          () -> bench.provider().resolve(request(disks(host, ephemeral), STRANGER)),
          ErrorCode.VOLUME_UNSUITABLE,
          "instance storage");
      assertRefused(
          () -> bench.provider().resolve(request(disks(host, foreign), STRANGER)),
          ErrorCode.VOLUME_UNSUITABLE,
          "none of the volumes");
      assertRefused(() -> disks(host, hidden), ErrorCode.VOLUME_UNSUITABLE, "btrfs");
    }
  }

  @Test
  void shouldSayWhatToConfigureWhereNoMetadataServiceAnswers() throws IOException {
    try (SimulatedHost host = new SimulatedHost(directory.resolve("root"), Map.of())) {
      Path db = directory.resolve("var/lib/mongo");
      host.mounted(db, host.disk("nvme1n1", EBS, "vol3"), "xfs");

      assertRefused(() -> disks(host, db), ErrorCode.AGENT_REFUSED, "404");
      HostDisks configured =
          new DiskDiscovery(host.volumes(), new MachineMetadata("i-9", "eu-1c", Optional.empty()))
              .disks(db, SnapshotType.EBS);
      assertThat(configured.instance()).isEqualTo("i-9");
    }
  }

  private EbsBench bench() {
    return new EbsBench(directory.resolve("cloud"), CloudTiming.ORDINARY);
  }

  private static HostDisks disks(SimulatedHost host, Path dataPath) {
    return new DiskDiscovery(
            host.volumes(), new MachineMetadata("", "", Optional.of(host.metadata())))
        .disks(dataPath, SnapshotType.EBS);
  }

  private static VolumeRequest request(HostDisks found, String member) {
    return new VolumeRequest(
        SnapshotType.EBS, "shop", "shop-1", "rs0", member, "/data/db", Optional.of(found));
  }

  private static void assertRefused(Runnable work, ErrorCode code, String words) {
    assertThatThrownBy(work::run)
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
