package io.stillpoint.cloud.aws;

import io.stillpoint.cloud.AttachedVolumes;
import io.stillpoint.cloud.HostVolumes;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.Map;
import java.util.Optional;

/** Volumes of an EC2 instance. */
public final class EbsAttached implements AttachedVolumes {

  private static final String EBS_MODEL = "Amazon Elastic Block Store";
  private static final String EPHEMERAL_MODEL = "Amazon EC2 NVMe Instance Storage";

  private final EbsVolumes volumes;

  public EbsAttached(Ec2Access ec2) {
    this.volumes = new EbsVolumes(ec2);
  }

  @Override
  public Map<String, String> on(String instance, String zone) {
    EbsVolumes.Attached attached = volumes.attachedTo(instance);
    if (!zone.isEmpty() && !attached.zone().isEmpty() && !zone.equals(attached.zone())) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "instance %s is in zone %s, not in %s".formatted(instance, attached.zone(), zone),
          "correct the zone in the configuration");
    }
    return attached.byDevice();
  }

  /**
   * NVMe volumes tell their id as serial number, without its hyphen. Xen devices have only the name
   * that the volume was attached as.
   */
  @Override
  public String volumeOf(HostVolumes.Disk disk, Map<String, String> attached) {
    if (disk.model().equals(EPHEMERAL_MODEL)) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "%s is instance storage, which ends with its instance and has no snapshots"
              .formatted(disk.name()),
          "move the data to an EBS volume, or back it up with --type directory");
    }
    Optional<String> volume =
        disk.model().equals(EBS_MODEL) && disk.serial().startsWith("vol")
            ? Optional.of("vol-" + disk.serial().replaceFirst("^vol-?", ""))
            : byName(disk.name(), attached);
    return volume
        .filter(attached::containsValue)
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.VOLUME_UNSUITABLE,
                    "disk %s (%s %s) is none of the volumes %s that the API has attached"
                        .formatted(disk.name(), disk.model(), disk.serial(), attached.values()),
                    "correct the instance in the configuration, or name the volumes there"));
  }

  private static Optional<String> byName(String disk, Map<String, String> attached) {
    String api = disk.startsWith("xvd") ? "sd" + disk.substring(3) : disk;
    return Optional.ofNullable(attached.get("/dev/" + disk))
        .or(() -> Optional.ofNullable(attached.get("/dev/" + api)));
  }
}
