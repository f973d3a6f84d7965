package io.stillpoint.sandbox.cloud.ec2;

import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.ec2.Ec2State.Snapshot;
import io.stillpoint.sandbox.cloud.ec2.Ec2State.Volume;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The calls about snapshots. */
final class SnapshotCalls {

  /** Shortest time between two snapshots of one volume. */
  private static final Duration INTERVAL = Duration.ofSeconds(15);

  private static final int MOST_EXCLUDED = 40;

  /** At once in one region. */
  private static final int MOST_COPIES = 20;

  /** What the API calls the volume of a copy. */
  private static final String NO_VOLUME = "vol-ffffffff";

  private final Ec2State state;
  private final VolumeDirectories directories;
  private final InstantSource clock;
  private final CloudTiming timing;

  SnapshotCalls(
      Ec2State state, VolumeDirectories directories, InstantSource clock, CloudTiming timing) {
    this.state = state;
    this.directories = directories;
    this.clock = clock;
    this.timing = timing;
  }

  Xml create(Ec2Call call) {
    Volume volume = state.volume(call.required("VolumeId"));
    checkLimits(volume);
    Snapshot snapshot = cut(volume, call);
    Xml xml = new Xml();
    write(xml, snapshot);
    return xml;
  }

  Xml createSet(Ec2Call call) {
    String instance = call.required("InstanceSpecification.InstanceId");
    String root = state.instance(instance).rootVolume();
    List<String> excluded = call.list("InstanceSpecification.ExcludeDataVolumeId");
    if (excluded.size() > MOST_EXCLUDED) {
      throw Ec2Fault.bad("InvalidParameterValue", "At most 40 volumes can be excluded");
    }
    boolean withoutRoot = call.flag("InstanceSpecification.ExcludeBootVolume");
    List<Volume> volumes =
        state.volumes.values().stream()
            .filter(v -> v.instance.equals(instance))
            .filter(v -> !excluded.contains(v.id))
            .filter(v -> !(withoutRoot && v.id.equals(root)))
            .toList();
    volumes.forEach(this::checkLimits);
    Xml xml = new Xml().open("snapshotSet");
    for (Volume volume : volumes) {
      Snapshot snapshot = cut(volume, call);
      xml.open("item");
      writeFacts(xml, snapshot);
      xml.text("state", snapshot.state(clock.instant())).close("item");
    }
    return xml.close("snapshotSet");
  }

  /** Called in the region that the copy goes to; without its own volume, and none of its tags. */
  Xml copy(Ec2Call call) {
    FakeEc2 region = state.regions.get(call.required("SourceRegion"));
    if (region == null) {
      throw Ec2Fault.bad("InvalidParameterValue", "Invalid region " + call.text("SourceRegion"));
    }
    Instant now = clock.instant();
    long running =
        state.snapshots.values().stream()
            .filter(s -> s.volume.id.equals(NO_VOLUME) && s.state(now).equals("pending"))
            .count();
    if (timing.limits() && running >= MOST_COPIES) {
      throw Ec2Fault.bad("ResourceLimitExceeded", "Too many snapshot copies in progress.");
    }
    FakeEc2.Source source = region.source(call.required("SourceSnapshotId"));
    Volume nobody =
        new Volume(NO_VOLUME, "", source.sizeGib(), "gp3", source.encrypted(), "", Instant.EPOCH);
    Snapshot copy = add(nobody, call);
    copy.encrypted = source.encrypted() || call.flag("Encrypted");
    copy.kmsKey = copy.encrypted ? Ec2State.DEFAULT_KEY : "";
    if (call.has("KmsKeyId")) {
      copy.kmsKey = call.text("KmsKeyId");
    }
    directories.copyIn(source.content(), copy.id);
    return new Xml().text("snapshotId", copy.id).tags(copy.tags);
  }

  Xml describe(Ec2Call call) {
    Instant now = clock.instant();
    List<String> ids = call.list("SnapshotId");
    ids.forEach(id -> state.snapshot(id, now));
    List<Snapshot> found =
        state.snapshots.values().stream()
            .filter(s -> !now.isBefore(s.visibleAt))
            .filter(s -> ids.isEmpty() || ids.contains(s.id))
            .filter(s -> matches(s, call.filters()))
            .toList();
    Page<Snapshot> page = Page.of(found, call);
    Xml xml = new Xml().open("snapshotSet");
    for (Snapshot snapshot : page.items()) {
      xml.open("item");
      write(xml, snapshot);
      xml.close("item");
    }
    page.writeToken(xml.close("snapshotSet"));
    return xml;
  }

  Xml delete(Ec2Call call) {
    Snapshot snapshot = state.snapshot(call.required("SnapshotId"), clock.instant());
    if (snapshot.locked) {
      throw Ec2Fault.bad("SnapshotLocked", "The snapshot '%s' is locked".formatted(snapshot.id));
    }
    state.snapshots.remove(snapshot.id);
    directories.deleteSnapshot(snapshot.id);
    return new Xml().text("return", true);
  }

  private void checkLimits(Volume volume) {
    if (!timing.limits()) {
      return;
    }
    Instant now = clock.instant();
    Instant last = state.lastCut.getOrDefault(volume.id, Instant.EPOCH);
    if (last.plus(INTERVAL).isAfter(now)) {
      throw Ec2Fault.bad(
          "SnapshotCreationPerVolumeRateExceeded",
          "The maximum per volume CreateSnapshot request rate has been exceeded.");
    }
    Set<Instant> uploads = state.uploads.getOrDefault(volume.id, Set.of());
    long pending = uploads.stream().filter(end -> end.isAfter(now)).count();
    if (pending >= volume.concurrentSnapshots()) {
      throw Ec2Fault.bad(
          "ConcurrentSnapshotLimitExceeded",
          "Maximum allowed in-progress snapshots for a single volume exceeded.");
    }
  }

  private Snapshot cut(Volume volume, Ec2Call call) {
    Snapshot snapshot = add(volume, call);
    directories.cut(volume.id, snapshot.id);
    return snapshot;
  }

  private Snapshot add(Volume volume, Ec2Call call) {
    Instant now = clock.instant();
    Snapshot snapshot =
        new Snapshot(
            state.newId("snap"),
            volume,
            now,
            now.plus(timing.hidden()),
            now.plus(timing.uploading()),
            call.text("Description"));
    snapshot.tags.putAll(call.tagsOnCreation("snapshot"));
    snapshot.failure = state.nextFailure;
    state.nextFailure = "";
    state.snapshots.put(snapshot.id, snapshot);
    state.lastCut.put(volume.id, now);
    state
        .uploads
        .computeIfAbsent(volume.id, id -> new TreeSet<>())
        .add(now.plus(timing.uploading()));
    return snapshot;
  }

  private boolean matches(Snapshot snapshot, Map<String, List<String>> filters) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("volume-id", snapshot.volume.id);
    facts.put("snapshot-id", snapshot.id);
    facts.put("status", snapshot.state(clock.instant()));
    facts.put("owner-id", Ec2State.OWNER);
    snapshot.tags.forEach((key, value) -> facts.put("tag:" + key, value));
    List<String> keys = new ArrayList<>(snapshot.tags.keySet());
    return filters.entrySet().stream()
        .allMatch(
            filter ->
                filter.getKey().equals("tag-key")
                    ? keys.stream().anyMatch(filter.getValue()::contains)
                    : filter.getValue().contains(facts.get(filter.getKey())));
  }

  private void write(Xml xml, Snapshot snapshot) {
    writeFacts(xml, snapshot);
    xml.text("status", snapshot.state(clock.instant()));
    if (!snapshot.failure.isEmpty()) {
      xml.text("statusMessage", snapshot.failure);
    }
  }

  private void writeFacts(Xml xml, Snapshot snapshot) {
    Instant now = clock.instant();
    xml.text("snapshotId", snapshot.id)
        .text("volumeId", snapshot.volume.id)
        .time("startTime", snapshot.startedAt)
        .text("progress", snapshot.percent(now) + "%")
        .text("ownerId", Ec2State.OWNER)
        .text("volumeSize", snapshot.volume.sizeGib)
        .text("encrypted", snapshot.encrypted)
        .text("kmsKeyId", snapshot.kmsKey)
        .text("description", snapshot.description)
        .text("storageTier", snapshot.archived ? "archive" : "standard");
    if (snapshot.state(now).equals("completed")) {
      xml.text("fullSnapshotSizeInBytes", snapshot.volume.sizeGib * 1024L * 1024 * 1024 / 2)
          .time("completionTime", snapshot.completedAt);
    }
    xml.tags(snapshot.tags);
  }
}
