package io.stillpoint.sandbox.demo;

import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.Fault;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.ec2.FakeEc2;
import io.stillpoint.sandbox.cloud.gce.FakeCompute;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
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
  private final Runnable loseAnswer;
  private final Runnable close;

  private DemoCloud(
      SnapshotType type,
      Path directory,
      List<LocalServer> members,
      URI endpoint,
      Supplier<List<String>> snapshots,
      Runnable loseAnswer,
      Runnable close) {
    this.type = type;
    this.directory = directory;
    this.members = members;
    this.endpoint = endpoint;
    this.snapshots = snapshots;
    this.loseAnswer = loseAnswer;
    this.close = close;
  }

  /** Mounts a new volume at the data path of every member, before any of them starts. */
  static void mount(SnapshotType type, Path directory, List<LocalServer> members) {
    try {
      for (int i = 0; i < members.size(); i++) {
        Path dbPath = members.get(i).dbPath();
        Files.createDirectories(dbPath.getParent());
        Files.createDirectories(state(directory, i));
        Files.createSymbolicLink(
            dbPath, Files.createDirectories(volumes(directory).resolve(volume(type, i))));
      }
    } catch (IOException e) {
      throw new DemoException("the simulated volumes cannot be mounted: " + e);
    }
  }

  /** The members' volumes have been mounted before. */
  static DemoCloud start(SnapshotType type, Path directory, LocalCluster cluster) {
    VolumeDirectories volumes = new VolumeDirectories(directory);
    List<LocalServer> members = cluster.members();
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
        SnapshotType.EBS,
        directory,
        members,
        cloud.endpoint(),
        cloud::snapshots,
        () -> cloud.faults().add("CreateSnapshot", Fault.silenceAfterEffect()),
        cloud::close);
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
        SnapshotType.GCE,
        directory,
        members,
        cloud.endpoint(),
        cloud::snapshots,
        () -> cloud.faults().add("snapshots.insert", Fault.silenceAfterEffect()),
        cloud::close);
  }

  /** What the cloud holds now. */
  List<String> snapshots() {
    return snapshots.get();
  }

  /** The next snapshot is made, but whoever asked for it is never answered. */
  void loseNextAnswer() {
    loseAnswer.run();
  }

  /** The volumes that the members work on now. */
  List<String> mounted() {
    return members.stream()
        .map(
            member -> {
              try {
                return Files.readSymbolicLink(member.dbPath()).getFileName().toString();
              } catch (IOException e) {
                throw new DemoException("no volume is mounted on " + member.dbPath());
              }
            })
        .toList();
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
    Path aside = directory.resolve("aside").resolve("m" + member);
    return """
          - member: "%s"
            instance: %s
            zone: %s
            state-directory: "%s"
            mounts: [ { device: [/dev/sdp, /dev/sdq], directory: "%s", live: "%s" } ]
            data-directory: "%s"
            mount: [sh, -c, 'rmdir "$1" && ln -s "$2/${3##*/}" "$1"', mount, "{directory}", "%s", "{volume}"]
            unmount: [sh, -c, 'rm "$1" && mkdir "$1"', unmount, "{directory}"]
            identify: [sh, -c, 'basename "$(readlink "$1")"', identify, "{directory}"]
    """
        .indent(2)
        .formatted(
            members.get(member).address(),
            instance(type, member),
            ZONE,
            state(directory, member),
            aside,
            members.get(member).dbPath(),
            aside,
            volumes(directory));
  }

  private static Path volumes(Path directory) {
    return directory.resolve("volumes");
  }

  private static Path state(Path directory, int member) {
    return directory.resolve("state").resolve("m" + member);
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
