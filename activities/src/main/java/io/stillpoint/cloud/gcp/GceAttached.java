package io.stillpoint.cloud.gcp;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.compute.v1.AttachedDisk;
import io.stillpoint.cloud.AttachedVolumes;
import io.stillpoint.cloud.HostVolumes;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Disks of a Compute instance; ids are {@code <zone>/<disk>}. */
public final class GceAttached implements AttachedVolumes {

  private static final String LINK = "google-";

  private final GceAccess gce;
  private final GceSettings settings;

  public GceAttached(GceAccess gce, GceSettings settings) {
    this.gce = gce;
    this.settings = settings;
  }

  @Override
  public Map<String, String> on(String instance, String zone) {
    try {
      Map<String, String> byDevice = new LinkedHashMap<>();
      for (AttachedDisk disk :
          gce.instances().get(settings.project(), zone, instance).getDisksList()) {
        String source = disk.getSource();
        byDevice.put(
            disk.getDeviceName(), zone + "/" + source.substring(source.lastIndexOf('/') + 1));
      }
      return byDevice;
    } catch (ApiException e) {
      throw GceErrors.translate("compute.instances.get", instance, e);
    }
  }

  /** The guest's udev rules link each disk by the name that it was attached as. */
  @Override
  public String volumeOf(HostVolumes.Disk disk, Map<String, String> attached) {
    return disk.links().stream()
        .filter(link -> link.startsWith(LINK))
        .map(link -> attached.get(link.substring(LINK.length())))
        .filter(volume -> volume != null)
        .findFirst()
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.VOLUME_UNSUITABLE,
                    "disk %s (links %s) is none of the disks %s that the API has attached"
                        .formatted(disk.name(), disk.links(), attached.values()),
                    "correct the instance in the configuration, or name the disks there"));
  }
}
