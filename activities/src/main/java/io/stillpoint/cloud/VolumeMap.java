package io.stillpoint.cloud;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which volumes each member has, as the worker's configuration says. */
public final class VolumeMap {

  private static final String DATA = "data";

  private final Map<String, List<VolumePlacement>> byMember = new LinkedHashMap<>();

  /**
   * @throws StillpointException CONFIGURATION_INVALID if two members share a volume, or a member
   *     has none for its data
   */
  public VolumeMap(List<VolumePlacement> placements) {
    Map<String, String> owners = new HashMap<>();
    for (VolumePlacement placement : placements) {
      String volume = placement.zone() + "/" + placement.volume();
      String owner = owners.putIfAbsent(volume, placement.member());
      if (owner != null) {
        throw new StillpointException(
            ErrorCode.CONFIGURATION_INVALID,
            "volume %s is listed for member %s and again for %s"
                .formatted(placement.volume(), owner, placement.member()),
            "give every member its own volumes in the worker's configuration");
      }
      byMember.computeIfAbsent(placement.member(), m -> new ArrayList<>()).add(placement);
    }
    byMember.forEach(
        (member, volumes) -> {
          if (volumes.stream().noneMatch(v -> v.role().equals(DATA))) {
            throw new StillpointException(
                ErrorCode.CONFIGURATION_INVALID,
                "member %s has volumes, but none with the role 'data'".formatted(member),
                "name the volume that holds its dbPath in the worker's configuration");
          }
        });
  }

  /** The configuration names the member's volumes. */
  public boolean has(String member) {
    return byMember.containsKey(member);
  }

  /**
   * The member's volumes, in the order of the configuration.
   *
   * @throws StillpointException VOLUME_UNSUITABLE if the configuration names none, or volumes of
   *     several machines
   */
  public List<VolumePlacement> of(String member) {
    List<VolumePlacement> volumes = byMember.get(member);
    if (volumes == null) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "no volume is configured for member %s; configured are %s"
              .formatted(member, byMember.keySet()),
          "add the member with its instance and volumes to the worker's configuration");
    }
    if (volumes.stream().map(VolumePlacement::instance).distinct().count() > 1) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "the volumes of member %s are on several instances: %s".formatted(member, volumes),
          "correct the instances in the worker's configuration");
    }
    return List.copyOf(volumes);
  }

  /**
   * Refuses if a restore has put other volumes of the member on its machine than the placements
   * name: those named are then the replaced ones, which nobody writes to any more.
   *
   * @param restored volumes on the member's machine that restores made for it
   * @throws StillpointException VOLUME_UNSUITABLE
   */
  public static void requireCurrent(List<VolumePlacement> placements, List<String> restored) {
    List<String> named = placements.stream().map(VolumePlacement::volume).toList();
    List<String> others = restored.stream().filter(v -> !named.contains(v)).toList();
    if (!others.isEmpty()) {
      VolumePlacement first = placements.get(0);
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "a restore put the volumes %s of member %s on %s, but the configuration names %s"
              .formatted(others, first.member(), first.instance(), named),
          "name the volumes that the member works on now, or detach what it does not use");
    }
  }
}
