package io.stillpoint.worker.settings;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the sections of the clouds; an absent section means that the cloud is not used. */
final class CloudSections {
  private CloudSections() {}

  static Optional<EbsEntry> ebs(SettingsReader root) {
    if (!root.has("ebs")) {
      return Optional.empty();
    }
    SettingsReader section = root.section("ebs");
    EbsEntry entry =
        new EbsEntry(section.requiredText("region"), endpoint(section), volumes(section, false));
    section.finish();
    return Optional.of(entry);
  }

  static Optional<GceEntry> gce(SettingsReader root) {
    if (!root.has("gce")) {
      return Optional.empty();
    }
    SettingsReader section = root.section("gce");
    GceEntry entry =
        new GceEntry(
            section.requiredText("project"),
            endpoint(section),
            section.text("storage-location").orElse(""),
            volumes(section, true));
    section.finish();
    return Optional.of(entry);
  }

  private static Optional<URI> endpoint(SettingsReader section) {
    try {
      return section.text("endpoint").map(URI::create);
    } catch (IllegalArgumentException e) {
      throw section.invalid("endpoint", "is not a URL");
    }
  }

  private static List<VolumeEntry> volumes(SettingsReader section, boolean zoneRequired) {
    List<VolumeEntry> volumes = new ArrayList<>();
    for (SettingsReader volume : section.list("volumes")) {
      volumes.add(
          new VolumeEntry(
              volume.requiredText("member"),
              volume.text("role").orElse("data"),
              volume.requiredText("instance"),
              volume.requiredText("volume"),
              zoneRequired ? volume.requiredText("zone") : volume.text("zone").orElse("")));
      volume.finish();
    }
    return volumes;
  }
}
