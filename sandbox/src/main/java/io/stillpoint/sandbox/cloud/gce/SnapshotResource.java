package io.stillpoint.sandbox.cloud.gce;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Disk;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The calls about snapshots. A snapshot's content is taken when it leaves CREATING, the last moment
 * that Compute allows: who goes on writing before that sees the writes in the snapshot.
 */
final class SnapshotResource {

  private static final Pattern NAME = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern LABEL =
      Pattern.compile("\\(labels\\.([-_a-z0-9]+) = \"([-_a-z0-9]*)\"\\)");
  private static final int BURST = 6;
  private static final Duration WINDOW = Duration.ofMinutes(60);

  private final ComputeState state;
  private final VolumeDirectories directories;
  private final InstantSource clock;
  private final CloudTiming timing;

  SnapshotResource(
      ComputeState state, VolumeDirectories directories, InstantSource clock, CloudTiming timing) {
    this.state = state;
    this.directories = directories;
    this.clock = clock;
    this.timing = timing;
  }

  /** Takes the content of everything that has left CREATING meanwhile. */
  void settle() {
    Instant now = clock.instant();
    for (Snapshot snapshot : state.snapshots.values()) {
      if (!snapshot.fixed && !now.isBefore(snapshot.fixedAt)) {
        snapshot.fixed = true;
        directories.cut(snapshot.disk.name, snapshot.name);
      }
    }
  }

  /** snapshots.insert names its disk in the body. */
  ObjectNode insert(ComputeCall call) {
    String[] source = call.text("sourceDisk").split("/");
    if (source.length < 4) {
      throw ComputeFault.bad("required", "sourceDisk is missing");
    }
    return create(call, state.disk(source[source.length - 3], source[source.length - 1]));
  }

  /** disks.createSnapshot names it in the path. */
  ObjectNode insertOfDisk(ComputeCall call) {
    return create(call, state.disk(call.zone(), call.name()));
  }

  private ObjectNode create(ComputeCall call, Disk disk) {
    Instant now = clock.instant();
    String name = call.text("name");
    if (!NAME.matcher(name).matches()) {
      throw ComputeFault.bad("invalid", "Invalid value for field 'name': '%s'".formatted(name));
    }
    if (state.snapshots.containsKey(name)) {
      throw new ComputeFault(
          409, "alreadyExists", "The resource '%s' already exists".formatted(name));
    }
    disk.cuts.removeIf(at -> at.plus(WINDOW).isBefore(now));
    if (timing.limits() && disk.cuts.size() >= BURST) {
      return state.operation(
          call, "global/snapshots/" + name, now, "RESOURCE_OPERATION_RATE_EXCEEDED", now);
    }
    Snapshot snapshot =
        new Snapshot(
            state.newId(),
            name,
            disk,
            now,
            now.plus(timing.hidden()),
            now.plus(timing.fixing()),
            now.plus(timing.fixing()).plus(timing.uploading()),
            call.text("description"));
    snapshot.project = call.project();
    snapshot.labels.putAll(ComputeState.labels(call.body()));
    String key = ComputeState.key(call.body(), "snapshotEncryptionKey");
    if (!disk.kmsKey.isEmpty() && !key.isEmpty() && !key.equals(disk.kmsKey)) {
      throw ComputeFault.bad("invalid", "A snapshot has the key that its disk has");
    }
    snapshot.kmsKey = disk.kmsKey.isEmpty() ? key : disk.kmsKey;
    snapshot.storageLocation = call.body().path("storageLocations").path(0).asText("eu");
    snapshot.failed = state.failNext;
    state.failNext = false;
    disk.cuts.add(now);
    state.snapshots.put(name, snapshot);
    settle();
    return state.operation(call, "global/snapshots/" + name, snapshot.readyAt, "", now);
  }

  ObjectNode get(ComputeCall call) {
    return json(call, state.snapshot(call.project(), call.name(), clock.instant()));
  }

  ObjectNode list(ComputeCall call) {
    Instant now = clock.instant();
    List<Snapshot> found =
        state.snapshots.values().stream()
            .filter(s -> s.project.equals(call.project()) && !now.isBefore(s.visibleAt))
            .filter(s -> matches(s, call.parameter("filter")))
            .toList();
    int from = call.parameter("pageToken").isEmpty() ? 0 : number(call, "pageToken");
    int size = call.parameter("maxResults").isEmpty() ? 500 : number(call, "maxResults");
    int to = Math.min(found.size(), from + size);
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("kind", "compute#snapshotList");
    ArrayNode items = root.putArray("items");
    found.subList(from, to).forEach(snapshot -> items.add(json(call, snapshot)));
    if (to < found.size()) {
      root.put("nextPageToken", String.valueOf(to));
    }
    return root;
  }

  ObjectNode delete(ComputeCall call) {
    Instant now = clock.instant();
    Snapshot snapshot = state.snapshot(call.project(), call.name(), now);
    if (snapshot.status(now).equals("CREATING")) {
      throw ComputeFault.bad("resourceNotReady", "The snapshot is not ready");
    }
    state.snapshots.remove(snapshot.name);
    directories.deleteSnapshot(snapshot.name);
    return state.operation(call, "global/snapshots/" + snapshot.name, now, "", now);
  }

  ObjectNode setLabels(ComputeCall call) {
    Instant now = clock.instant();
    Snapshot snapshot = state.snapshot(call.project(), call.name(), now);
    if (!call.text("labelFingerprint").equals(fingerprint(snapshot))) {
      throw new ComputeFault(412, "conditionNotMet", "Labels fingerprint is not current");
    }
    snapshot.labels = ComputeState.labels(call.body());
    snapshot.generation++;
    return state.operation(call, "global/snapshots/" + snapshot.name, now, "", now);
  }

  private static boolean matches(Snapshot snapshot, String filter) {
    Matcher label = LABEL.matcher(filter);
    int known = 0;
    while (label.find()) {
      known++;
      if (!label.group(2).equals(snapshot.labels.get(label.group(1)))) {
        return false;
      }
    }
    int expected = filter.isEmpty() ? 0 : filter.split(" AND ").length;
    if (known != expected) {
      throw ComputeFault.bad("invalid", "Invalid value for field 'filter': " + filter);
    }
    return true;
  }

  private static int number(ComputeCall call, String parameter) {
    return Integer.parseInt(call.parameter(parameter));
  }

  private static String fingerprint(Snapshot snapshot) {
    return "AAAA" + snapshot.generation;
  }

  private ObjectNode json(ComputeCall call, Snapshot snapshot) {
    Instant now = clock.instant();
    String disk = "zones/%s/disks/%s".formatted(snapshot.disk.zone, snapshot.disk.name);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", "compute#snapshot")
        .put("id", snapshot.id)
        .put("name", snapshot.name)
        .put("status", snapshot.status(now))
        .put("snapshotType", snapshot.snapshotType)
        .put("creationTimestamp", snapshot.createdAt.toString())
        .put("description", snapshot.description)
        .put("sourceDisk", ComputeState.link(call.project(), disk))
        .put("sourceDiskId", snapshot.disk.id)
        .put("diskSizeGb", String.valueOf(snapshot.disk.sizeGb))
        .put("labelFingerprint", fingerprint(snapshot));
    ComputeState.writeKey(json, "snapshotEncryptionKey", snapshot.kmsKey);
    json.putArray("storageLocations").add(snapshot.storageLocation);
    if (snapshot.status(now).equals("READY")) {
      json.put("storageBytes", String.valueOf(snapshot.disk.sizeGb << 29));
    }
    ObjectNode labels = json.putObject("labels");
    snapshot.labels.forEach(labels::put);
    return json;
  }
}
