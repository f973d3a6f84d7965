package io.stillpoint.sandbox.cloud;

import com.google.api.gax.core.NoCredentialsProvider;
import io.stillpoint.cloud.VolumeInventory;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.cloud.gcp.GceAccess;
import io.stillpoint.cloud.gcp.GceAttached;
import io.stillpoint.cloud.gcp.GceDiskInventory;
import io.stillpoint.cloud.gcp.GceProvider;
import io.stillpoint.cloud.gcp.GceRestorer;
import io.stillpoint.cloud.gcp.GceSettings;
import io.stillpoint.sandbox.cloud.gce.FakeCompute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Compute Engine's disks on the simulated endpoint. */
final class GceBench extends CloudBench {

  static final String KEY = "projects/p/locations/eu/keyRings/r/cryptoKeys/k";

  static final List<VolumePlacement> VOLUMES =
      List.of(
          new VolumePlacement(ONE, "data", "vm-1", "disk-1", "eu-a"),
          new VolumePlacement(TWO, "data", "vm-2", "disk-2", "eu-b"),
          new VolumePlacement(WIDE, "data", "vm-3", "disk-3", "eu-a"),
          new VolumePlacement(WIDE, "journal", "vm-3", "disk-4", "eu-a"),
          new VolumePlacement("striped:27017", "data", "vm-3", "disk-5", "eu-a"),
          new VolumePlacement("striped:27017", "data", "vm-3", "disk-6", "eu-a"));

  /** In real time; only calls that are never answered take so long. */
  private static final Duration CALL = Duration.ofMillis(1500);

  final SimulatedTime time = new SimulatedTime(Instant.parse("2026-11-22T10:00:00Z"));
  final FakeCompute cloud;
  final GceAccess access;
  private GceSettings settings;

  GceBench(Path root, CloudTiming timing) {
    try {
      cloud = new FakeCompute(new VolumeDirectories(root), time, timing);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cloud.addInstance("eu-a", "vm-1");
    cloud.addInstance("eu-b", "vm-2");
    cloud.addInstance("eu-a", "vm-3");
    cloud.addDisk("eu-a", "disk-1", "vm-1", "mongo", 100);
    cloud.addDisk("eu-b", "disk-2", "vm-2", "mongo", 100);
    cloud.addDisk("eu-a", "disk-3", "vm-3", "mongo", 100);
    cloud.addDisk("eu-a", "disk-4", "vm-3", "journal", 10);
    settings = GceSettings.of("acme", Optional.of(cloud.endpoint()), VOLUMES).withCallTimeout(CALL);
    access = GceAccess.open(settings, NoCredentialsProvider.create());
  }

  /** From now on; the disks stay where they are. */
  void keepSnapshotsIn(String project) {
    use(
        s ->
            new GceSettings(
                s.project(),
                s.endpoint(),
                s.volumes(),
                s.storageLocation(),
                s.callTimeout(),
                s.lookFor(),
                s.fixing(),
                s.altogether(),
                s.askHosts(),
                s.kmsKey(),
                project));
  }

  /** Other settings for what is made from now on. */
  void use(UnaryOperator<GceSettings> change) {
    settings = change.apply(settings);
  }

  @Override
  GceProvider provider() {
    return new GceProvider(access, settings, new SimulatedPacer(time));
  }

  @Override
  GceProvider inventory() {
    return provider();
  }

  @Override
  GceRestorer restorer() {
    return new GceRestorer(access, settings, new SimulatedPacer(time));
  }

  @Override
  GceAttached attached() {
    return new GceAttached(access, settings);
  }

  @Override
  Path content(String volume) {
    return cloud.directories().volume(volume.substring(volume.indexOf('/') + 1));
  }

  @Override
  Path sourceOfOne() {
    return content("eu-a/disk-1");
  }

  @Override
  List<String> allVolumes() {
    return cloud.disks();
  }

  @Override
  Target target() {
    return new Target("eu-b", "vm-2", "restored");
  }

  @Override
  void deny(String permission) {
    cloud.deny(permission);
  }

  /** They are not unless told otherwise. */
  @Override
  void encrypt(boolean one, boolean two) {
    if (one) {
      cloud.encrypt("eu-a", "disk-1", KEY);
    }
    if (two) {
      cloud.encrypt("eu-b", "disk-2", KEY + "-of-two");
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
    return Duration.ofMinutes(10);
  }

  @Override
  VolumeInventory volumeInventory() {
    return new GceDiskInventory(access, settings);
  }

  @Override
  public void close() {
    access.close();
    cloud.close();
  }
}
