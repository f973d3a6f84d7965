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
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Snapshot;
import software.amazon.awssdk.services.ec2.model.Volume;
import software.amazon.awssdk.services.ec2.model.VolumeType;

/** EBS on a moto server. */
final class MotoBench extends CloudBench {

  static final String ELSEWHERE = "eu-west-1";

  private static final String ZONE = "eu-central-1a";

  private static final AwsCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "word"));

  private final List<Ec2Access> opened = new ArrayList<>();

  private final SimulatedTime time = new SimulatedTime(Instant.parse("2026-11-22T10:00:00Z"));
  private final Ec2Access access;
  private final EbsSettings settings;
  private final URI endpoint;
  private final String second;

  MotoBench(URI endpoint) {
    this.endpoint = endpoint;
    Ec2Access bare = access(endpoint, List.of());
    List<VolumePlacement> placements = new ArrayList<>();
    placements.add(place(bare, ONE, "data", instance(bare), "/dev/sdf", 100));
    second = instance(bare);
    placements.add(place(bare, TWO, "data", second, "/dev/sdf", 100));
    String third = instance(bare);
    placements.add(place(bare, WIDE, "data", third, "/dev/sdf", 100));
    placements.add(place(bare, WIDE, "journal", third, "/dev/sdg", 10));
    place(bare, "nobody", "data", third, "/dev/sdh", 10);
    bare.close();
    access = access(endpoint, placements);
    settings = settings(endpoint, placements);
  }

  private static EbsSettings settings(URI endpoint, List<VolumePlacement> placements) {
    return EbsSettings.of("eu-central-1", Optional.of(endpoint), placements);
  }

  private static Ec2Access access(URI endpoint, List<VolumePlacement> placements) {
    return Ec2Access.open(settings(endpoint, placements), CREDENTIALS);
  }

  /** A worker that copies to another of moto's regions. */
  EbsProvider copying() {
    EbsSettings copying =
        settings.with(Optional.of(new EbsCopySettings(ELSEWHERE, Optional.of(endpoint), "")));
    Optional<Ec2Access> there = Ec2Access.openForCopies(copying, CREDENTIALS);
    there.ifPresent(opened::add);
    return new EbsProvider(access, there, copying, new SimulatedPacer(time));
  }

  private static String instance(Ec2Access ec2) {
    return ec2.creating()
        .runInstances(
            r ->
                r.imageId("ami-12c6146b")
                    .minCount(1)
                    .maxCount(1)
                    .placement(p -> p.availabilityZone(ZONE)))
        .instances()
        .get(0)
        .instanceId();
  }

  private static VolumePlacement place(
      Ec2Access access, String member, String role, String instance, String device, int gib) {
    Ec2Client ec2 = access.creating();
    String volume =
        ec2.createVolume(r -> r.availabilityZone(ZONE).size(gib).volumeType(VolumeType.GP3))
            .volumeId();
    ec2.attachVolume(r -> r.volumeId(volume).instanceId(instance).device(device));
    return new VolumePlacement(member, role, instance, volume, ZONE);
  }

  @Override
  EbsProvider provider() {
    return new EbsProvider(access, settings, new SimulatedPacer(time));
  }

  @Override
  EbsProvider inventory() {
    return provider();
  }

  @Override
  EbsAttached attached() {
    return new EbsAttached(access);
  }

  @Override
  EbsRestorer restorer() {
    return new EbsRestorer(access, new SimulatedPacer(time));
  }

  @Override
  Path content(String volume) {
    throw new UnsupportedOperationException("moto's volumes hold no data");
  }

  @Override
  Path sourceOfOne() {
    throw new UnsupportedOperationException("moto's volumes hold no data");
  }

  @Override
  List<String> allVolumes() {
    return access.reading().describeVolumes().volumes().stream().map(Volume::volumeId).toList();
  }

  @Override
  Target target() {
    return new Target(ZONE, second, "/dev/sdp");
  }

  /** Moto comes with a thousand public snapshots; ours carry our tag. */
  @Override
  List<String> existing() {
    return access
        .reading()
        .describeSnapshots(
            r -> r.filters(Filter.builder().name("tag-key").values("stillpoint:backup").build()))
        .snapshots()
        .stream()
        .map(Snapshot::snapshotId)
        .toList();
  }

  @Override
  void deny(String permission) {
    throw new UnsupportedOperationException("moto allows everything");
  }

  @Override
  void encrypt(boolean one, boolean two) {
    throw new UnsupportedOperationException("moto's volumes hold no data");
  }

  @Override
  void advance(Duration by) {
    time.advance(by);
  }

  @Override
  Duration betweenCuts() {
    return Duration.ZERO;
  }

  @Override
  VolumeInventory volumeInventory() {
    return new EbsVolumeInventory(access);
  }

  @Override
  public void close() {
    opened.forEach(Ec2Access::close);
    access.close();
  }
}
