package io.stillpoint.cloud.gcp;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.compute.v1.AggregatedListDisksRequest;
import com.google.cloud.compute.v1.DeleteDiskRequest;
import com.google.cloud.compute.v1.Disk;
import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.VolumeInventory;
import io.stillpoint.model.SnapshotType;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Disks that restores made, in all zones; their descriptions say what they are. */
public final class GceDiskInventory implements VolumeInventory {

  private static final long GB = 1L << 30;

  private final GceAccess gce;
  private final GceSettings settings;

  public GceDiskInventory(GceAccess gce, GceSettings settings) {
    this.gce = gce;
    this.settings = settings;
  }

  @Override
  public SnapshotType type() {
    return SnapshotType.GCE;
  }

  @Override
  public List<FoundVolume> volumes(String cluster) {
    AggregatedListDisksRequest request =
        AggregatedListDisksRequest.newBuilder()
            .setProject(settings.project())
            .setFilter(GceNames.filter(Map.of("cluster", cluster)))
            .build();
    List<FoundVolume> found = new ArrayList<>();
    try {
      gce.disks()
          .aggregatedList(request)
          .iterateAll()
          .forEach(
              zone ->
                  zone.getValue()
                      .getDisksList()
                      .forEach(disk -> read(disk, cluster).ifPresent(found::add)));
      return found;
    } catch (ApiException e) {
      throw GceErrors.translate("compute.disks.list", settings.project(), e);
    }
  }

  @Override
  public void remove(FoundVolume orphan) {
    int slash = orphan.id().indexOf('/');
    try {
      gce.disks()
          .deleteCallable()
          .call(
              DeleteDiskRequest.newBuilder()
                  .setProject(settings.project())
                  .setZone(orphan.id().substring(0, slash))
                  .setDisk(orphan.id().substring(slash + 1))
                  .setRequestId(UUID.randomUUID().toString())
                  .build());
    } catch (ApiException e) {
      if (!GceErrors.isNotFound(e)) {
        throw GceErrors.translate("compute.disks.delete", orphan.id(), e);
      }
    }
  }

  private static Optional<FoundVolume> read(Disk disk, String cluster) {
    Map<String, String> facts = GceDisks.facts(disk);
    if (!cluster.equals(facts.get("cluster"))) {
      return Optional.empty();
    }
    return Optional.of(
        new FoundVolume(
            SnapshotType.GCE,
            lastPart(disk.getZone()) + "/" + disk.getName(),
            facts.getOrDefault("restore", ""),
            facts.getOrDefault("backup", ""),
            facts.getOrDefault("for", ""),
            facts.getOrDefault("use", ""),
            disk.containsLabels(GceDisks.REPLACED),
            disk.getUsersList().stream().map(GceDiskInventory::lastPart).findFirst().orElse(""),
            disk.getCreationTimestamp().isEmpty()
                ? Instant.EPOCH
                : OffsetDateTime.parse(disk.getCreationTimestamp()).toInstant(),
            disk.getSizeGb() * GB));
  }

  private static String lastPart(String link) {
    return link.substring(link.lastIndexOf('/') + 1);
  }
}
