package io.stillpoint.cloud;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.HostDisk;
import io.stillpoint.activity.SnapshotActivities.HostDisks;
import io.stillpoint.activity.SnapshotActivities.Placement;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which volumes are a member's: those that the configuration names, or those that its agent sees,
 * and where both say something they must agree.
 */
public final class MemberPlacements {

  private final VolumeMap map;
  private final AttachedVolumes attached;
  private final boolean alwaysAsk;

  /**
   * @param alwaysAsk ask the agents of configured members too, and compare
   */
  public MemberPlacements(VolumeMap map, AttachedVolumes attached, boolean alwaysAsk) {
    this.map = map;
    this.attached = attached;
    this.alwaysAsk = alwaysAsk;
  }

  /**
   * Empty if the member's agent must be asked first.
   *
   * <p>Errors: VOLUME_UNSUITABLE.
   */
  public Optional<List<VolumePlacement>> find(VolumeRequest request) {
    boolean configured = map.has(request.member());
    if (request.found().isEmpty()) {
      return configured && !alwaysAsk ? Optional.of(map.of(request.member())) : Optional.empty();
    }
    List<VolumePlacement> seen = onHost(request.member(), request.found().get());
    if (!configured) {
      return Optional.of(seen);
    }
    List<VolumePlacement> named = map.of(request.member());
    if (!names(named).equals(names(seen))) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "the configuration names the volumes %s of member %s, but its host %s has its data on %s"
              .formatted(
                  names(named), request.member(), request.found().get().instance(), names(seen)),
          "correct the volumes in the control workers' configuration, or leave them out");
    }
    return Optional.of(named);
  }

  /** Those of the plan, or else those that the configuration names. */
  public List<VolumePlacement> of(CutRequest request) {
    String member = request.cursor().member();
    return request.placements().isEmpty()
        ? map.of(member)
        : request.placements().stream()
            .map(p -> new VolumePlacement(member, p.role(), p.instance(), p.volume(), p.zone()))
            .toList();
  }

  public static List<Placement> planned(List<VolumePlacement> placements) {
    return placements.stream()
        .map(p -> new Placement(p.role(), p.instance(), p.volume(), p.zone()))
        .toList();
  }

  private List<VolumePlacement> onHost(String member, HostDisks host) {
    Map<String, String> volumes = attached.on(host.instance(), host.zone());
    Map<String, VolumePlacement> byVolume = new LinkedHashMap<>();
    for (HostDisk disk : host.disks()) {
      String id =
          attached.volumeOf(
              new HostVolumes.Disk(disk.name(), disk.model(), disk.serial(), disk.links()),
              volumes);
      String volume = id.substring(id.indexOf('/') + 1);
      byVolume.putIfAbsent(
          volume, new VolumePlacement(member, disk.role(), host.instance(), volume, host.zone()));
    }
    if (byVolume.isEmpty()) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "the node agent of %s saw no disk under its data path".formatted(member),
          "name the member's volumes in the control workers' configuration");
    }
    return new ArrayList<>(byVolume.values());
  }

  private static TreeSet<String> names(List<VolumePlacement> placements) {
    return placements.stream()
        .map(VolumePlacement::volume)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
