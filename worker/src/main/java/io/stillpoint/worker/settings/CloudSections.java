package io.stillpoint.worker.settings;

import io.stillpoint.cloud.ContentSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
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
        new EbsEntry(
            section.requiredText("region"),
            endpoint(section),
            volumes(section, false),
            restoreMounts(section));
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
            volumes(section, true),
            restoreMounts(section));
    section.finish();
    return Optional.of(entry);
  }

  private static List<ContentSettings> restoreMounts(SettingsReader section) {
    List<ContentSettings> members = new ArrayList<>();
    for (SettingsReader member : section.list("restore-mounts")) {
      List<ContentSettings.Mount> mounts = new ArrayList<>();
      for (SettingsReader mount : member.list("mounts")) {
        mounts.add(
            new ContentSettings.Mount(
                mount.text("role").orElse("data"),
                mount.requiredText("device"),
                absolute(mount, "directory")));
        mount.finish();
      }
      members.add(
          new ContentSettings(
              member.requiredText("member"),
              member.requiredText("instance"),
              member.requiredText("zone"),
              mounts,
              absolute(member, "data-directory"),
              words(member, "mount", List.of("mount", "-o", "ro", "{device}", "{directory}")),
              words(member, "unmount", List.of("umount", "{directory}")),
              member.duration("command-limit", Duration.ofMinutes(2))));
      member.finish();
    }
    return members;
  }

  private static List<String> words(SettingsReader section, String key, List<String> usual) {
    List<String> words = section.words(key);
    return words.isEmpty() ? usual : words;
  }

  private static Path absolute(SettingsReader section, String key) {
    Path path = Path.of(section.requiredText(key));
    if (!path.isAbsolute()) {
      throw section.invalid(key, "is '%s', but must be an absolute path".formatted(path));
    }
    return path.normalize();
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
