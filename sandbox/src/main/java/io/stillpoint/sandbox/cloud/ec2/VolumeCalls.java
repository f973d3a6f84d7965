package io.stillpoint.sandbox.cloud.ec2;

import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.ec2.Ec2State.CreatedVolume;
import io.stillpoint.sandbox.cloud.ec2.Ec2State.Instance;
import io.stillpoint.sandbox.cloud.ec2.Ec2State.Snapshot;
import io.stillpoint.sandbox.cloud.ec2.Ec2State.Volume;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The calls about volumes, instances and tags. */
final class VolumeCalls {

  private final Ec2State state;
  private final VolumeDirectories directories;
  private final InstantSource clock;
  private final CloudTiming timing;

  VolumeCalls(
      Ec2State state, VolumeDirectories directories, InstantSource clock, CloudTiming timing) {
    this.state = state;
    this.directories = directories;
    this.clock = clock;
    this.timing = timing;
  }

  Xml create(Ec2Call call) {
    String token = call.text("ClientToken");
    Set<String> fingerprint = call.fingerprint();
    CreatedVolume before = state.clientTokens.get(token);
    if (!token.isEmpty() && before != null) {
      if (!before.fingerprint().equals(fingerprint)) {
        throw Ec2Fault.bad(
            "IdempotentParameterMismatch", "The token was used with other parameters");
      }
      return write(new Xml(), state.volume(before.volume()));
    }
    Snapshot snapshot = state.snapshot(call.required("SnapshotId"), clock.instant());
    if (!snapshot.state(clock.instant()).equals("completed") || snapshot.archived) {
      throw Ec2Fault.bad("IncorrectState", "Snapshot is in invalid state");
    }
    String zone = call.required("AvailabilityZone");
    if (state.instances.values().stream().noneMatch(i -> i.zone().equals(zone))) {
      throw Ec2Fault.bad(
          "InvalidParameterValue", "Invalid availability zone: [%s]".formatted(zone));
    }
    int size = call.number("Size", snapshot.volume.sizeGib);
    if (size < snapshot.volume.sizeGib) {
      throw Ec2Fault.bad("InvalidParameterValue", "Volume is smaller than the snapshot");
    }
    Volume volume =
        new Volume(
            state.newId("vol"),
            zone,
            size,
            call.has("VolumeType") ? call.text("VolumeType") : "gp2",
            snapshot.encrypted || call.flag("Encrypted"),
            snapshot.id,
            clock.instant().plus(timing.attaching()));
    if (!snapshot.kmsKey.isEmpty()) {
      volume.kmsKey = snapshot.kmsKey;
    }
    if (call.has("KmsKeyId")) {
      volume.kmsKey = call.text("KmsKeyId");
    }
    volume.createdAt = clock.instant();
    volume.tags.putAll(call.tagsOnCreation("volume"));
    state.volumes.put(volume.id, volume);
    directories.restore(snapshot.id, volume.id);
    if (!token.isEmpty()) {
      state.clientTokens.put(token, new CreatedVolume(fingerprint, volume.id));
    }
    return write(new Xml(), volume);
  }

  Xml describe(Ec2Call call) {
    List<String> ids = call.list("VolumeId");
    ids.forEach(state::volume);
    List<Volume> found =
        state.volumes.values().stream()
            .filter(v -> ids.isEmpty() || ids.contains(v.id))
            .filter(v -> matches(v, call.filters()))
            .toList();
    Page<Volume> page = Page.of(found, call);
    Xml xml = new Xml().open("volumeSet");
    for (Volume volume : page.items()) {
      write(xml.open("item"), volume).close("item");
    }
    page.writeToken(xml.close("volumeSet"));
    return xml;
  }

  Xml attach(Ec2Call call) {
    Volume volume = state.volume(call.required("VolumeId"));
    Instance instance = state.instance(call.required("InstanceId"));
    String device = call.required("Device");
    if (!volume.instance.isEmpty()) {
      throw Ec2Fault.bad("VolumeInUse", "%s is already attached".formatted(volume.id));
    }
    if (!status(volume).equals("available")) {
      throw Ec2Fault.bad("IncorrectState", "%s is not 'available'".formatted(volume.id));
    }
    if (!volume.zone.equals(instance.zone())) {
      throw Ec2Fault.bad("InvalidVolume.ZoneMismatch", "The volume is not in the instance's zone");
    }
    boolean taken =
        state.volumes.values().stream()
            .anyMatch(v -> v.instance.equals(instance.id()) && v.device.equals(device));
    if (taken) {
      throw Ec2Fault.bad(
          "InvalidParameterValue", "Attachment point %s is already in use".formatted(device));
    }
    volume.instance = instance.id();
    volume.device = device;
    volume.attachedAt = clock.instant().plus(timing.attaching());
    return writeAttachment(new Xml(), volume);
  }

  Xml detach(Ec2Call call) {
    Volume volume = state.volume(call.required("VolumeId"));
    if (volume.instance.isEmpty()) {
      throw Ec2Fault.bad("IncorrectState", "Volume '%s' is available".formatted(volume.id));
    }
    String instance = call.text("InstanceId");
    if (!instance.isEmpty() && !instance.equals(volume.instance)) {
      throw Ec2Fault.bad("InvalidAttachment.NotFound", "The volume is attached elsewhere");
    }
    Xml xml = writeAttachment(new Xml(), volume);
    volume.instance = "";
    volume.device = "";
    return xml;
  }

  Xml delete(Ec2Call call) {
    Volume volume = state.volume(call.required("VolumeId"));
    if (!volume.instance.isEmpty()) {
      throw Ec2Fault.bad("VolumeInUse", "Volume %s is currently attached".formatted(volume.id));
    }
    state.volumes.remove(volume.id);
    directories.deleteVolume(volume.id);
    return new Xml().text("return", true);
  }

  Xml createTags(Ec2Call call) {
    for (String id : call.list("ResourceId")) {
      tagsOf(id).putAll(call.tags("Tag"));
    }
    return new Xml().text("return", true);
  }

  Xml describeTags(Ec2Call call) {
    Map<String, List<String>> filters = call.filters();
    Xml xml = new Xml().open("tagSet");
    for (String id : filters.getOrDefault("resource-id", List.of())) {
      tagsOf(id)
          .forEach(
              (key, value) ->
                  xml.open("item")
                      .text("resourceId", id)
                      .text("resourceType", id.startsWith("vol-") ? "volume" : "snapshot")
                      .text("key", key)
                      .text("value", value)
                      .close("item"));
    }
    return xml.close("tagSet");
  }

  Xml describeInstances(Ec2Call call) {
    List<String> ids = call.list("InstanceId");
    ids.forEach(state::instance);
    Xml xml = new Xml().open("reservationSet");
    for (Instance instance : state.instances.values()) {
      if (ids.isEmpty() || ids.contains(instance.id())) {
        writeInstance(xml, instance);
      }
    }
    return xml.close("reservationSet");
  }

  private void writeInstance(Xml xml, Instance instance) {
    xml.open("item").open("instancesSet").open("item").text("instanceId", instance.id());
    xml.open("placement").text("availabilityZone", instance.zone()).close("placement");
    xml.text("rootDeviceName", "/dev/xvda").open("blockDeviceMapping");
    for (Volume volume : state.volumes.values()) {
      if (volume.instance.equals(instance.id())) {
        xml.open("item").text("deviceName", volume.device);
        xml.open("ebs").text("volumeId", volume.id).text("status", "attached").close("ebs");
        xml.close("item");
      }
    }
    xml.close("blockDeviceMapping").close("item").close("instancesSet").close("item");
  }

  private Map<String, String> tagsOf(String id) {
    return id.startsWith("vol-") ? state.volume(id).tags : state.snapshot(id, clock.instant()).tags;
  }

  private boolean matches(Volume volume, Map<String, List<String>> filters) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("volume-id", volume.id);
    facts.put("snapshot-id", volume.fromSnapshot);
    facts.put("status", status(volume));
    facts.put("attachment.instance-id", volume.instance);
    volume.tags.forEach((key, value) -> facts.put("tag:" + key, value));
    return filters.entrySet().stream()
        .allMatch(filter -> filter.getValue().contains(facts.get(filter.getKey())));
  }

  private String status(Volume volume) {
    if (clock.instant().isBefore(volume.availableAt)) {
      return "creating";
    }
    return volume.instance.isEmpty() ? "available" : "in-use";
  }

  private Xml write(Xml xml, Volume volume) {
    xml.text("volumeId", volume.id)
        .text("size", volume.sizeGib)
        .text("snapshotId", volume.fromSnapshot)
        .text("availabilityZone", volume.zone)
        .text("status", status(volume))
        .text("volumeType", volume.type)
        .text("encrypted", volume.encrypted)
        .text("kmsKeyId", volume.kmsKey)
        .time("createTime", volume.createdAt)
        .open("attachmentSet");
    if (!volume.instance.isEmpty()) {
      writeAttachment(xml.open("item"), volume).close("item");
    }
    return xml.close("attachmentSet").tags(volume.tags);
  }

  private Xml writeAttachment(Xml xml, Volume volume) {
    Instant now = clock.instant();
    return xml.text("volumeId", volume.id)
        .text("instanceId", volume.instance)
        .text("device", volume.device)
        .text("status", now.isBefore(volume.attachedAt) ? "attaching" : "attached");
  }
}
