package io.stillpoint.sandbox.cloud;

import io.stillpoint.cloud.VolumeInventory;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.cloud.aws.EbsAttached;
import io.stillpoint.cloud.aws.EbsCopySettings;
import io.stillpoint.cloud.aws.EbsProvider;
import io.stillpoint.cloud.aws.EbsRestorer;
import io.stillpoint.cloud.aws.EbsSettings;
import io.stillpoint.cloud.aws.EbsVolumeInventory;
import io.stillpoint.cloud.aws.Ec2Access;
import io.stillpoint.sandbox.cloud.ec2.FakeEc2;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** EBS on the simulated EC2. */
final class EbsBench extends CloudBench {

  static final List<VolumePlacement> VOLUMES =
      List.of(
          new VolumePlacement(ONE, "data", "i-1", "vol-1", ""),
          new VolumePlacement(TWO, "data", "i-2", "vol-2", ""),
          new VolumePlacement(WIDE, "data", "i-3", "vol-3", ""),
          new VolumePlacement(WIDE, "journal", "i-3", "vol-4", ""));

  static final String COPY_KEY = "arn:aws:kms:eu-west-1:123456789012:key/copies";

  private static final AwsCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "word"));

  /** In real time; only calls that are never answered take so long. */
  private static final Duration CALL = Duration.ofMillis(1500);

  final SimulatedTime time = new SimulatedTime(Instant.parse("2026-11-22T10:00:00Z"));
  final FakeEc2 cloud;

  /** Another region, in which the account has one instance. */
  final FakeEc2 elsewhere;

  private final EbsSettings settings;
  private final Ec2Access access;
  private final Optional<Ec2Access> copies;

  EbsBench(Path root, CloudTiming timing) {
    this(root, timing, false);
  }

  /**
   * @param copying finished snapshots are copied elsewhere
   */
  EbsBench(Path root, CloudTiming timing, boolean copying) {
    try {
      cloud = new FakeEc2(new VolumeDirectories(root), time, timing);
      elsewhere = new FakeEc2(new VolumeDirectories(root.resolve("elsewhere")), time, timing);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cloud.addInstance("i-1", "eu-1a");
    cloud.addInstance("i-2", "eu-1b");
    cloud.addInstance("i-3", "eu-1a");
    cloud.addVolume("vol-1", "i-1", "/dev/sdf", 100);
    cloud.addVolume("vol-2", "i-2", "/dev/sdf", 100);
    cloud.addVolume("vol-3", "i-3", "/dev/sdf", 100);
    cloud.addVolume("vol-4", "i-3", "/dev/sdg", 10);
    cloud.addVolume("vol-5", "i-3", "/dev/sdh", 10);
    elsewhere.addInstance("i-9", "eu-w1");
    elsewhere.connect("eu-central-1", cloud);
    settings =
        EbsSettings.of("eu-central-1", Optional.of(cloud.endpoint()), VOLUMES)
            .withCallTimeout(CALL)
            .with(
                copying
                    ? Optional.of(
                        new EbsCopySettings(
                            "eu-west-1", Optional.of(elsewhere.endpoint()), COPY_KEY))
                    : Optional.empty());
    access = Ec2Access.open(settings, CREDENTIALS);
    copies = Ec2Access.openForCopies(settings, CREDENTIALS);
  }

  @Override
  EbsProvider provider() {
    return new EbsProvider(access, copies, settings, new SimulatedPacer(time));
  }

  /** How a worker of the other region reaches it. */
  Ec2Access accessElsewhere() {
    return Ec2Access.open(
        EbsSettings.of("eu-west-1", Optional.of(elsewhere.endpoint()), List.of()), CREDENTIALS);
  }

  @Override
  EbsProvider inventory() {
    return provider();
  }

  @Override
  EbsRestorer restorer() {
    return new EbsRestorer(access, new SimulatedPacer(time));
  }

  @Override
  EbsAttached attached() {
    return new EbsAttached(access);
  }

  @Override
  Path content(String volume) {
    return cloud.directories().volume(volume);
  }

  @Override
  Path sourceOfOne() {
    return content("vol-1");
  }

  @Override
  List<String> allVolumes() {
    return cloud.volumes();
  }

  @Override
  Target target() {
    return new Target("eu-1b", "i-2", "/dev/sdp");
  }

  @Override
  void deny(String permission) {
    cloud.deny(permission);
  }

  /** They are unless told otherwise. */
  @Override
  void encrypt(boolean one, boolean two) {
    if (!one) {
      cloud.decrypt("vol-1");
    }
    if (!two) {
      cloud.decrypt("vol-2");
    }
  }

  @Override
  List<String> existing() {
    return cloud.snapshots();
  }

  @Override
  void advance(Duration by) {
    time.advance(by);
  }

  @Override
  Duration betweenCuts() {
    return Duration.ofSeconds(15);
  }

  @Override
  VolumeInventory volumeInventory() {
    return new EbsVolumeInventory(access);
  }

  @Override
  public void close() {
    access.close();
    copies.ifPresent(Ec2Access::close);
    elsewhere.close();
    cloud.close();
  }
}
