package io.stillpoint.cloud.gcp;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.compute.v1.Disk;
import com.google.cloud.compute.v1.ListDisksRequest;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Looks for disks that restores made. */
final class GceDisks {

  /** Label: the member that a restore made the disk for. */
  static final String FOR = GceNames.LABEL + "for";

  /** Label: a later restore took the disk's place, and its data was given up. */
  static final String REPLACED = GceNames.LABEL + "replaced";

  private GceDisks() {}

  /** What a restore wrote into a disk's description; empty for disks of others. */
  static Map<String, String> facts(Disk disk) {
    return GceNames.facts(disk.getDescription()).orElse(Map.of());
  }

  /** Disks of a zone that carry all of these labels. */
  static List<Disk> with(
      GceAccess gce, GceSettings settings, String zone, Map<String, String> labels) {
    String filter =
        labels.entrySet().stream()
            .map(label -> "(labels.%s = \"%s\")".formatted(label.getKey(), label.getValue()))
            .collect(Collectors.joining(" AND "));
    try {
      return StreamSupport.stream(
              gce.disks()
                  .list(
                      ListDisksRequest.newBuilder()
                          .setProject(settings.project())
                          .setZone(zone)
                          .setFilter(filter)
                          .build())
                  .iterateAll()
                  .spliterator(),
              false)
          .filter(disk -> disk.getLabelsMap().entrySet().containsAll(labels.entrySet()))
          .toList();
    } catch (ApiException e) {
      throw GceErrors.translate("compute.disks.list", zone, e);
    }
  }
}
