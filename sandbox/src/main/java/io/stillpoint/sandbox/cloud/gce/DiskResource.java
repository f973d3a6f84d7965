package io.stillpoint.sandbox.cloud.gce;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Attachment;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Disk;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Instance;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Snapshot;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** The calls about disks and the instances that they are attached to. */
final class DiskResource {

  private final ComputeState state;
  private final VolumeDirectories directories;
  private final InstantSource clock;
  private final CloudTiming timing;

  DiskResource(
      ComputeState state, VolumeDirectories directories, InstantSource clock, CloudTiming timing) {
    this.state = state;
    this.directories = directories;
    this.clock = clock;
    this.timing = timing;
  }

  ObjectNode get(ComputeCall call) {
    return json(call, state.disk(call.zone(), call.name()));
  }

  ObjectNode list(ComputeCall call) {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("kind", "compute#diskList");
    ArrayNode items = root.putArray("items");
    state.disks.values().stream()
        .filter(disk -> disk.zone.equals(call.zone()))
        .forEach(disk -> items.add(json(call, disk)));
    return root;
  }

  /** The collection {@code aggregated/disks}. */
  ObjectNode listAll(ComputeCall call) {
    ObjectNode root =
        JsonNodeFactory.instance.objectNode().put("kind", "compute#diskAggregatedList");
    ObjectNode zones = root.putObject("items");
    for (Disk disk : state.disks.values()) {
      zones
          .withObjectProperty("zones/" + disk.zone)
          .withArrayProperty("disks")
          .add(json(call, disk));
    }
    return root;
  }

  ObjectNode setLabels(ComputeCall call) {
    Disk disk = state.disk(call.zone(), call.name());
    if (!call.text("labelFingerprint").equals("AAAA" + disk.generation)) {
      throw new ComputeFault(412, "conditionNotMet", "Labels fingerprint is not current");
    }
    disk.labels.clear();
    disk.labels.putAll(ComputeState.labels(call.body()));
    disk.generation++;
    Instant now = clock.instant();
    return state.operation(call, "zones/%s/disks/%s".formatted(disk.zone, disk.name), now, "", now);
  }

  ObjectNode insert(ComputeCall call) {
    Instant now = clock.instant();
    String name = call.text("name");
    if (state.disks.containsKey(ComputeState.key(call.zone(), name))) {
      throw new ComputeFault(409, "alreadyExists", "The disk '%s' exists".formatted(name));
    }
    // projects/<project>/global/snapshots/<name>
    List<String> source = List.of(call.text("sourceSnapshot").split("/"));
    String project = source.get(source.indexOf("projects") + 1);
    Snapshot snapshot = state.snapshot(project, source.get(source.size() - 1), now);
    if (!snapshot.status(now).equals("READY")) {
      throw ComputeFault.bad("resourceNotReady", "The snapshot is not ready");
    }
    long size = call.text("sizeGb").isEmpty() ? 0 : Long.parseLong(call.text("sizeGb"));
    if (size != 0 && size < snapshot.disk.sizeGb) {
      throw ComputeFault.bad("invalid", "Disk size cannot be smaller than the snapshot size");
    }
    String type = call.text("type");
    Disk disk =
        new Disk(
            state.newId(),
            call.zone(),
            name,
            Math.max(size, snapshot.disk.sizeGb),
            type.isEmpty() ? "pd-standard" : type.substring(type.lastIndexOf('/') + 1),
            snapshot.name,
            now.plus(timing.attaching()));
    disk.labels.putAll(ComputeState.labels(call.body()));
    disk.description = call.text("description");
    disk.createdAt = now;
    disk.kmsKey = ComputeState.key(call.body(), "diskEncryptionKey");
    state.disks.put(ComputeState.key(call.zone(), name), disk);
    directories.restore(snapshot.name, name);
    return state.operation(call, "zones/%s/disks/%s".formatted(call.zone(), name), now, "", now);
  }

  ObjectNode delete(ComputeCall call) {
    Instant now = clock.instant();
    Disk disk = state.disk(call.zone(), call.name());
    if (!disk.users.isEmpty()) {
      throw ComputeFault.bad(
          "resourceInUseByAnotherResource", "The disk is used by %s".formatted(disk.users));
    }
    state.disks.remove(ComputeState.key(disk.zone, disk.name));
    directories.deleteVolume(disk.name);
    return state.operation(call, "zones/%s/disks/%s".formatted(disk.zone, disk.name), now, "", now);
  }

  ObjectNode testPermissions(ComputeCall call) {
    state.disk(call.zone(), call.name());
    return granted(call);
  }

  ObjectNode testSnapshotPermissions(ComputeCall call) {
    state.snapshot(call.project(), call.name(), clock.instant());
    return granted(call);
  }

  ObjectNode testInstancePermissions(ComputeCall call) {
    state.instance(call.zone(), call.name());
    return granted(call);
  }

  private ObjectNode granted(ComputeCall call) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ArrayNode granted = root.putArray("permissions");
    call.body()
        .path("permissions")
        .forEach(
            permission -> {
              if (!state.denied.contains(permission.asText())) {
                granted.add(permission.asText());
              }
            });
    return root;
  }

  ObjectNode getInstance(ComputeCall call) {
    Instance instance = state.instance(call.zone(), call.name());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", "compute#instance").put("name", instance.name()).put("status", "RUNNING");
    ArrayNode disks = json.putArray("disks");
    for (Attachment attachment : instance.disks().values()) {
      disks
          .addObject()
          .put("deviceName", attachment.deviceName())
          .put("source", ComputeState.link(call.project(), diskPath(call, attachment.disk())));
    }
    return json;
  }

  ObjectNode attach(ComputeCall call) {
    Instant now = clock.instant();
    Instance instance = state.instance(call.zone(), call.name());
    String source = call.text("source");
    Disk disk = state.disk(call.zone(), source.substring(source.lastIndexOf('/') + 1));
    String device = call.text("deviceName").isEmpty() ? disk.name : call.text("deviceName");
    if (!disk.users.isEmpty()) {
      throw ComputeFault.bad("resourceInUseByAnotherResource", "The disk is already in use");
    }
    if (now.isBefore(disk.readyAt)) {
      throw ComputeFault.bad("resourceNotReady", "The disk is not ready");
    }
    if (instance.disks().containsKey(device)) {
      throw ComputeFault.bad("invalid", "The device name '%s' is in use".formatted(device));
    }
    instance.disks().put(device, new Attachment(device, disk.name));
    disk.users.add("zones/%s/instances/%s".formatted(call.zone(), instance.name()));
    return state.operation(
        call, "zones/%s/instances/%s".formatted(call.zone(), call.name()), now, "", now);
  }

  ObjectNode detach(ComputeCall call) {
    Instant now = clock.instant();
    Instance instance = state.instance(call.zone(), call.name());
    Attachment attachment = instance.disks().remove(call.parameter("deviceName"));
    if (attachment == null) {
      throw ComputeFault.bad("invalid", "No attached disk found with this device name");
    }
    state.disk(call.zone(), attachment.disk()).users.clear();
    return state.operation(
        call, "zones/%s/instances/%s".formatted(call.zone(), call.name()), now, "", now);
  }

  private static String diskPath(ComputeCall call, String disk) {
    return "zones/%s/disks/%s".formatted(call.zone(), disk);
  }

  private ObjectNode json(ComputeCall call, Disk disk) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", "compute#disk")
        .put("id", disk.id)
        .put("name", disk.name)
        .put("sizeGb", String.valueOf(disk.sizeGb))
        .put("description", disk.description)
        .put("creationTimestamp", disk.createdAt.toString())
        .put("labelFingerprint", "AAAA" + disk.generation)
        .put("status", clock.instant().isBefore(disk.readyAt) ? "RESTORING" : "READY")
        .put(
            "type",
            ComputeState.link(
                call.project(), "zones/%s/diskTypes/%s".formatted(disk.zone, disk.type)))
        .put("zone", ComputeState.link(call.project(), "zones/" + disk.zone))
        .put("selfLink", ComputeState.link(call.project(), diskPath(call, disk.name)));
    if (!disk.fromSnapshot.isEmpty()) {
      json.put(
          "sourceSnapshot",
          ComputeState.link(call.project(), "global/snapshots/" + disk.fromSnapshot));
    }
    ComputeState.writeKey(json, "diskEncryptionKey", disk.kmsKey);
    ArrayNode users = json.putArray("users");
    disk.users.forEach(user -> users.add(ComputeState.link(call.project(), user)));
    ObjectNode labels = json.putObject("labels");
    disk.labels.forEach(labels::put);
    return json;
  }
}
