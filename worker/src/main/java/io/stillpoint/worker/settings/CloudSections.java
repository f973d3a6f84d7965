package io.stillpoint.worker.settings;

import io.stillpoint.cloud.ContentSettings;
import io.stillpoint.cloud.MachineMetadata;
import io.stillpoint.cloud.VolumeOptions;
import io.stillpoint.cloud.aws.EbsCopySettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the sections of the clouds; an absent section means that the cloud is not used. */
final class CloudSections {
  /** So that the sets of a cluster do not run into the clouds' limits all at once. */
  private static final Duration BETWEEN_CUTS = Duration.ofMillis(2);

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
            restoreMounts(section),
            section.duration("between-cuts", BETWEEN_CUTS),
            section.flag("compare-with-hosts"),
            copy(section));
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
            restoreMounts(section),
            section.duration("between-cuts", BETWEEN_CUTS),
            section.flag("compare-with-hosts"),
            section.text("kms-key").orElse(""),
            section.text("snapshot-project").orElse(""));
    section.finish();
    return Optional.of(entry);
  }

  private static List<ContentSettings> restoreMounts(SettingsReader section) {
    List<ContentSettings> members = new ArrayList<>();
    for (SettingsReader member : section.list("restore-mounts")) {
      List<ContentSettings.Mount> mounts = new ArrayList<>();
      List<Path> live = new ArrayList<>();
      for (SettingsReader mount : member.list("mounts")) {
        List<String> devices = mount.texts("device");
        if (devices.isEmpty()) {
          throw mount.invalid("device", "is missing");
        }
        mounts.add(
            new ContentSettings.Mount(
                mount.text("role").orElse("data"), devices, absolute(mount, "directory")));
        if (mount.has("live")) {
          live.add(absolute(mount, "live"));
        }
        mount.finish();
      }
      String mode = live.isEmpty() ? "ro" : "rw";
      members.add(
          new ContentSettings(
              member.requiredText("member"),
              member.requiredText("instance"),
              member.requiredText("zone"),
              mounts,
              absolute(member, "data-directory"),
              words(member, "mount", List.of("mount", "-o", mode, "{device}", "{directory}")),
              words(member, "unmount", List.of("umount", "{directory}")),
              member.duration("command-limit", Duration.ofMinutes(2)),
              volume(member.section("volume")),
              exchange(member, mounts, live)));
      member.finish();
    }
    return members;
  }

  private static Optional<ContentSettings.Exchange> exchange(
      SettingsReader member, List<ContentSettings.Mount> mounts, List<Path> live) {
    boolean delete =
        switch (member.text("replaced-volumes").orElse("detach")) {
          case "detach" -> false;
          case "delete" -> true;
          default -> throw member.invalid("replaced-volumes", "must be detach or delete");
        };
    List<String> identify = member.words("identify");
    if (live.isEmpty()) {
      return Optional.empty();
    }
    if (live.size() != mounts.size()) {
      throw member.invalid("mounts", "must all have live, or none");
    }
    return Optional.of(
        new ContentSettings.Exchange(absolute(member, "state-directory"), live, identify, delete));
  }

  private static Optional<EbsCopySettings> copy(SettingsReader ebs) {
    if (!ebs.has("copy")) {
      return Optional.empty();
    }
    SettingsReader section = ebs.section("copy");
    EbsCopySettings copy =
        new EbsCopySettings(
            section.requiredText("region"), endpoint(section), section.text("kms-key").orElse(""));
    section.finish();
    return Optional.of(copy);
  }

  private static VolumeOptions volume(SettingsReader section) {
    VolumeOptions options =
        new VolumeOptions(
            section.text("type").orElse(""),
            section.integer("size-gib", 0, 0, 65536),
            section.integer("iops", 0, 0, 350_000),
            section.integer("throughput", 0, 0, 10_000),
            section.text("kms-key").orElse(""));
    section.finish();
    return options;
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

  static MachineMetadata machine(SettingsReader section) {
    MachineMetadata machine =
        new MachineMetadata(
            section.text("instance").orElse(""),
            section.text("zone").orElse(""),
            endpoint(section));
    section.finish();
    return machine;
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
