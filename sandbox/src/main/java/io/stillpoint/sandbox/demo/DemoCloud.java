package io.stillpoint.sandbox.demo;

import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.ec2.FakeEc2;
import io.stillpoint.sandbox.cloud.gce.FakeCompute;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A simulated cloud in which every member's data directory is a volume of a machine of its own. */
final class DemoCloud implements AutoCloseable {

  private static final String ZONE = "sim-1a";
  private static final int VOLUME_GIB = 8;

  /** The upload takes long enough that a worker can be killed in its middle. */
  private static final CloudTiming TIMING =
      new CloudTiming(
          Duration.ofMillis(300),
          Duration.ofSeconds(12),
          Duration.ofMillis(200),
          Duration.ofMillis(500),
          true);

  private final SnapshotType type;
  private final Path directory;
  private final List<LocalServer> members;
  private final URI endpoint;
  private final Supplier<List<String>> snapshots;
  private final Runnable close;

  private DemoCloud(
      SnapshotType type,
      Path directory,
      List<LocalServer> members,
      URI endpoint,
      Supplier<List<String>> snapshots,
      Runnable close) {
    this.type = type;
    this.directory = directory;
    this.members = members;
    this.endpoint = endpoint;
    this.snapshots = snapshots;
    this.close = close;
  }

  static DemoCloud start(SnapshotType type, Path directory, LocalCluster cluster) {
    VolumeDirectories volumes = new VolumeDirectories(directory);
    List<LocalServer> members = cluster.members();
    for (int i = 0; i < members.size(); i++) {
      volumes.use(volume(type, i), members.get(i).dbPath());
    }
    try {
      return type == SnapshotType.EBS
          ? ec2(directory, members, volumes)
          : compute(directory, members, volumes);
    } catch (IOException e) {
      throw new DemoException("the simulated cloud cannot listen: " + e.getMessage());
    }
  }

  private static DemoCloud ec2(Path directory, List<LocalServer> members, VolumeDirectories volumes)
      throws IOException {
    FakeEc2 cloud = new FakeEc2(volumes, InstantSource.system(), TIMING);
    for (int i = 0; i < members.size(); i++) {
      cloud.addInstance(instance(SnapshotType.EBS, i), ZONE);
      cloud.addVolume(
          volume(SnapshotType.EBS, i), instance(SnapshotType.EBS, i), "/dev/sdf", VOLUME_GIB);
    }
    return new DemoCloud(
        SnapshotType.EBS, directory, members, cloud.endpoint(), cloud::snapshots, cloud::close);
  }

  private static DemoCloud compute(
      Path directory, List<LocalServer> members, VolumeDirectories volumes) throws IOException {
    FakeCompute cloud = new FakeCompute(volumes, InstantSource.system(), TIMING);
    for (int i = 0; i < members.size(); i++) {
      cloud.addInstance(ZONE, instance(SnapshotType.GCE, i));
      cloud.addDisk(
          ZONE, volume(SnapshotType.GCE, i), instance(SnapshotType.GCE, i), "mongo", VOLUME_GIB);
    }
    return new DemoCloud(
        SnapshotType.GCE, directory, members, cloud.endpoint(), cloud::snapshots, cloud::close);
  }

  /** What the cloud holds now. */
  List<String> snapshots() {
    return snapshots.get();
  }

  URI endpoint() {
    return endpoint;
  }

  /** What a worker's environment needs: the simulated cloud takes any credentials. */
  static Map<String, String> credentials() {
    return Map.of("AWS_ACCESS_KEY_ID", "demo", "AWS_SECRET_ACCESS_KEY", "demo");
  }

  /** The section of a worker's configuration for this cloud. */
  String settings() {
    StringBuilder text = new StringBuilder();
    text.append("  %s:\n    endpoint: %s\n".formatted(type.word(), endpoint));
    text.append(type == SnapshotType.EBS ? "    region: sim-1\n" : "    project: demo\n");
    text.append("    volumes:\n");
    for (int i = 0; i < members.size(); i++) {
      text.append(
          "      - { member: \"%s\", instance: %s, volume: %s, zone: %s }\n"
              .formatted(members.get(i).address(), instance(type, i), volume(type, i), ZONE));
    }
    text.append("    restore-mounts:\n");
    for (int i = 0; i < members.size(); i++) {
      text.append(mounts(i));
    }
    return text.toString();
  }

  /** Mounting a simulated volume is linking to the directory that stands for it. */
  private String mounts(int member) {
    Path mount = directory.resolve("mounts").resolve("m" + member);
    return """
          - member: "%s"
            instance: %s
            zone: %s
            mounts: [ { device: /dev/sdp, directory: "%s" } ]
            data-directory: "%s"
            mount: [sh, -c, 'rmdir "$1" && ln -s "$2/${3##*/}" "$1"', mount, "{directory}", "%s", "{volume}"]
            unmount: [sh, -c, 'rm "$1" && mkdir "$1"', unmount, "{directory}"]
    """
        .indent(2)
        .formatted(
            members.get(member).address(),
            instance(type, member),
            ZONE,
            mount,
            mount,
            directory.resolve("volumes"));
  }

  private static String instance(SnapshotType type, int member) {
    return type == SnapshotType.EBS ? "i-0%016x".formatted(member) : "vm-" + member;
  }

  private static String volume(SnapshotType type, int member) {
    return type == SnapshotType.EBS ? "vol-0%016x".formatted(member) : "disk-" + member;
  }

  @Override
  public void close() {
    close.run();
  }
}
