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
}
