package io.stillpoint.cloud;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.cloud.VolumeRestorer.Request;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes volumes of a member's snapshots and attaches them to this machine. */
final class RestoredVolumes {

  private final VolumeRestorer restorer;
  private final AttachedVolumes attached;
  private final String use;

  /**
   * @param use what the volumes are made for
   */
  RestoredVolumes(VolumeRestorer restorer, AttachedVolumes attached, String use) {
    this.use = use;
    this.restorer = restorer;
    this.attached = attached;
  }

  /** The snapshots by role, one each. Errors: AGENT_REFUSED if a role has no mount. */
  static Map<String, SnapshotRef> byRole(StageRequest request, ContentSettings settings) {
    List<SnapshotRef> own =
        request.snapshots().stream().filter(s -> s.set().equals(request.sourceSet())).toList();
    List<String> roles = own.stream().map(SnapshotRef::role).toList();
    boolean one = roles.stream().distinct().count() == roles.size();
    if (own.isEmpty() || !one || !settings.roles().containsAll(roles)) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "set %s has snapshots for the roles %s, but member %s has mounts for %s, one each"
              .formatted(request.sourceSet(), roles, request.member(), settings.roles()),
          "configure a mount for each role, or attach the volumes yourself and restore with"
              + " --manual");
    }
    return own.stream().collect(Collectors.toMap(SnapshotRef::role, Function.identity()));
  }

  /**
   * One line for what will be made, after looking whether it can be.
   *
   * @param live the volume that it replaces; empty if it is only copied from
   * @param deletesLive that volume will be deleted in the end
   */
  List<String> plan(
      StageRequest request,
      ContentSettings settings,
      ContentSettings.Mount mount,
      SnapshotRef snapshot,
      Shape shape,
      String live,
      boolean deletesLive) {
    Map<String, String> taken = attached.on(settings.instance(), settings.zone());
    device(settings, mount, "");
    Request wanted =
        new Request(request.restore(), request.backup(), request.member(), snapshot, shape, use);
    String any = live.isEmpty() ? taken.values().stream().findFirst().orElse("") : live;
    List<String> unchecked = restorer.requireAllowed(wanted, settings.instance(), any, deletesLive);
    Optional<String> key =
        restorer
            .keyOf(request.backup(), snapshot)
            .map(own -> shape.kmsKey().isEmpty() ? own : shape.kmsKey());
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: a volume from %s%s %s"
            .formatted(
                request.member(),
                snapshot.id(),
                key.map(k -> ", encrypted with " + k + ",").orElse(""),
                live.isEmpty()
                    ? "is made for the time of the copy"
                    : "takes the place of " + live));
    unchecked.forEach(what -> lines.add(request.member() + ": " + what));
    return lines;
  }

  /** Returns the volume's id once it is attached; find-or-create by restore and member. */
  String attach(
      StageRequest request,
      ContentSettings settings,
      ContentSettings.Mount mount,
      SnapshotRef snapshot,
      Shape shape,
      Runnable alive) {
    // A machine that is not where the configuration says is refused before anything is made.
    attached.on(settings.instance(), settings.zone());
    String volume =
        restorer.create(
            new Request(
                request.restore(), request.backup(), request.member(), snapshot, shape, use),
            alive);
    restorer.attach(
        request.restore(), volume, settings.instance(), device(settings, mount, volume), alive);
    return volume;
  }

  /** The name of the device that an attached volume has on this machine. */
  String deviceOf(String volume, ContentSettings settings) {
    return attached.on(settings.instance(), settings.zone()).entrySet().stream()
        .filter(device -> device.getValue().equals(volume))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.VOLUME_UNSUITABLE,
                    "volume %s is not attached to %s".formatted(volume, settings.instance()),
                    "attach it again, then resume"));
  }

  private String device(ContentSettings settings, ContentSettings.Mount mount, String volume) {
    Map<String, String> taken = attached.on(settings.instance(), settings.zone());
    return mount.devices().stream()
        .filter(device -> taken.getOrDefault(device, volume).equals(volume))
        .findFirst()
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.AGENT_REFUSED,
                    "all devices %s for the %s of member %s are in use on %s: %s"
                        .formatted(
                            mount.devices(),
                            mount.role(),
                            settings.member(),
                            settings.instance(),
                            taken),
                    "detach a volume that is not used any more, or configure more devices"));
  }
}
