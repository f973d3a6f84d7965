package io.stillpoint.sandbox.cloud.ec2;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Everything that exists in the simulated region. Guarded by the endpoint's lock. */
final class Ec2State {

  static final String OWNER = "123456789012";

  /** What encrypts where nobody named a key. */
  static final String DEFAULT_KEY = "arn:aws:kms:eu-central-1:123456789012:key/default";

  static final class Volume {
    final String id;
    final String zone;
    final int sizeGib;
    final String type;
    boolean encrypted;
    String kmsKey = "";
    final String fromSnapshot;
    final Instant availableAt;
    final Map<String, String> tags = new LinkedHashMap<>();
    String instance = "";
    Instant createdAt = Instant.EPOCH;
    String device = "";
    Instant attachedAt = Instant.EPOCH;

    Volume(
        String id,
        String zone,
        int sizeGib,
        String type,
        boolean encrypted,
        String fromSnapshot,
        Instant availableAt) {
      this.id = id;
      this.zone = zone;
      this.sizeGib = sizeGib;
      this.type = type;
      this.encrypted = encrypted;
      this.kmsKey = encrypted ? DEFAULT_KEY : "";
      this.fromSnapshot = fromSnapshot;
      this.availableAt = availableAt;
    }

    /** Cold and throughput optimised disks take one snapshot at a time, all others five. */
    int concurrentSnapshots() {
      return type.equals("st1") || type.equals("sc1") ? 1 : 5;
    }
  }

  static final class Snapshot {
    final String id;
    final Volume volume;
    final Instant startedAt;
    final Instant visibleAt;
    final Instant completedAt;
    final String description;
    final Map<String, String> tags = new LinkedHashMap<>();
    boolean encrypted;
    String kmsKey = "";
    String failure = "";
    boolean archived;
    boolean locked;

    Snapshot(
        String id,
        Volume volume,
        Instant startedAt,
        Instant visibleAt,
        Instant completedAt,
        String description) {
      this.id = id;
      this.volume = volume;
      this.startedAt = startedAt;
      this.visibleAt = visibleAt;
      this.completedAt = completedAt;
      this.description = description;
      this.encrypted = volume.encrypted;
      this.kmsKey = volume.kmsKey;
    }

    String state(Instant now) {
      if (!failure.isEmpty()) {
        return "error";
      }
      return now.isBefore(completedAt) ? "pending" : "completed";
    }

    int percent(Instant now) {
      long whole = Math.max(1, completedAt.toEpochMilli() - startedAt.toEpochMilli());
      long done = now.toEpochMilli() - startedAt.toEpochMilli();
      return (int) Math.max(0, Math.min(100, done * 100 / whole));
    }
  }

  record Instance(String id, String zone, String rootVolume) {}

  final Map<String, Volume> volumes = new LinkedHashMap<>();
  final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
  final Map<String, Instance> instances = new LinkedHashMap<>();

  /** Ends of uploads by volume: a snapshot deleted while pending still counts until its end. */
  final Map<String, Set<Instant>> uploads = new HashMap<>();

  final Map<String, Instant> lastCut = new HashMap<>();
  final Map<String, CreatedVolume> clientTokens = new HashMap<>();

  /** Other regions of the account, by name. */
  final Map<String, FakeEc2> regions = new HashMap<>();

  final Set<String> denied = new LinkedHashSet<>();
  String nextFailure = "";
  private long counter = 0x0a1b2c3d;

  record CreatedVolume(Set<String> fingerprint, String volume) {}

  /** Ids are unique among regions. */
  void useOtherIdsThan(String region) {
    counter += region.hashCode();
  }

  String newId(String prefix) {
    counter = counter * 6364136223846793005L + 1442695040888963407L;
    return "%s-0%016x".formatted(prefix, counter);
  }

  Volume volume(String id) {
    Volume volume = volumes.get(id);
    if (volume == null) {
      throw Ec2Fault.bad("InvalidVolume.NotFound", "The volume '%s' does not exist.".formatted(id));
    }
    return volume;
  }

  Snapshot snapshot(String id, Instant now) {
    Snapshot snapshot = snapshots.get(id);
    if (snapshot == null || now.isBefore(snapshot.visibleAt)) {
      throw Ec2Fault.bad(
          "InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.".formatted(id));
    }
    return snapshot;
  }

  Instance instance(String id) {
    Instance instance = instances.get(id);
    if (instance == null) {
      throw Ec2Fault.bad(
          "InvalidInstanceID.NotFound", "The instance ID '%s' does not exist".formatted(id));
    }
    return instance;
  }
}
