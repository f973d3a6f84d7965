package io.stillpoint.cloud.aws;

import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.VolumeInventory;
import io.stillpoint.model.SnapshotType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.Volume;
import software.amazon.awssdk.services.ec2.model.VolumeAttachment;

/** EBS volumes that restores made, by their tags. */
public final class EbsVolumeInventory implements VolumeInventory {

  private static final long GIB = 1L << 30;

  private final Ec2Access ec2;
  private final EbsVolumes volumes;

  public EbsVolumeInventory(Ec2Access ec2) {
    this.ec2 = ec2;
    this.volumes = new EbsVolumes(ec2);
  }

  @Override
  public SnapshotType type() {
    return SnapshotType.EBS;
  }

  @Override
  public List<FoundVolume> volumes(String cluster) {
    return volumes.with(EbsTags.filters(Map.of("cluster", cluster))).stream()
        .flatMap(volume -> read(volume).stream())
        .toList();
  }

  @Override
  public void remove(FoundVolume orphan) {
    try {
      ec2.reading().deleteVolume(call -> call.volumeId(orphan.id()));
    } catch (SdkException e) {
      if (!Ec2Errors.isNotFound(e)) {
        throw Ec2Errors.translate("DeleteVolume", orphan.id(), e);
      }
    }
  }

  private static Optional<FoundVolume> read(Volume volume) {
    Map<String, String> tags = EbsTags.map(volume.tags());
    return Optional.ofNullable(tags.get(EbsTags.RESTORE))
        .map(
            restore ->
                new FoundVolume(
                    SnapshotType.EBS,
                    volume.volumeId(),
                    restore,
                    tags.getOrDefault(EbsTags.PREFIX + "backup", ""),
                    tags.getOrDefault(EbsTags.PREFIX + "for", ""),
                    tags.getOrDefault(EbsTags.USE, ""),
                    tags.containsKey(EbsTags.REPLACED),
                    volume.attachments().stream()
                        .map(VolumeAttachment::instanceId)
                        .findFirst()
                        .orElse(""),
                    volume.createTime() == null ? Instant.EPOCH : volume.createTime(),
                    volume.size() * GIB));
  }
}
