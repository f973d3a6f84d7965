package io.stillpoint.directory;

import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** Finds out before a cursor is open whether a copy would fit and could be written. */
final class TargetCheck {

  private final NodeSettings settings;

  TargetCheck(NodeSettings settings) {
    this.settings = settings;
  }

  VolumePlan plan(DataPath data) {
    GuardedDirectory root = new SnapshotPaths(settings.snapshotRoot()).guarded();
    try {
      Path dataPath = data.path().toRealPath();
      if (root.root().startsWith(dataPath)) {
        throw new StillpointException(
            ErrorCode.TARGET_NOT_WRITABLE,
            "snapshot root %s lies inside the data path %s".formatted(root.root(), dataPath),
            "choose a snapshot root elsewhere, best on another disk");
      }
      requireWritable(root);
      CopyMethod method = CopyMethod.between(dataPath, root.root());
      long needed = data.bytes();
      long free = Files.getFileStore(root.root()).getUsableSpace();
      if (method == CopyMethod.STREAM && free < needed) {
        throw new StillpointException(
            ErrorCode.DISK_FULL,
            "snapshot root %s has %d bytes free, the data of %s takes %d"
                .formatted(root.root(), free, settings.address(), needed),
            "free space, or delete backups that nobody needs: stillpoint delete-backup");
      }
      List<String> warnings = new ArrayList<>();
      if (Files.getFileStore(dataPath).equals(Files.getFileStore(root.root()))) {
        warnings.add(
            "snapshots of %s are on the same file system as its data: they do not survive its loss"
                .formatted(settings.address()));
      }
      for (Path link : data.links()) {
        warnings.add(
            "%s is a link to %s; a restore puts its files into the data path itself"
                .formatted(link, link.toRealPath()));
      }
      String volume =
          "%s (data, %d bytes) -> %s by %s"
              .formatted(dataPath, needed, root.root(), method.name().toLowerCase(Locale.ROOT));
      return new VolumePlan(List.of(volume), free, warnings);
    } catch (IOException e) {
      throw notWritable(root.root(), e);
    }
  }

  private static void requireWritable(GuardedDirectory root) {
    Path probe = root.root().resolve(".stillpoint-probe-" + UUID.randomUUID());
    try {
      Files.write(probe, new byte[] {1});
      Files.delete(probe);
    } catch (IOException e) {
      throw notWritable(root.root(), e);
    }
  }

  private static StillpointException notWritable(Path root, IOException e) {
    return new StillpointException(
        ErrorCode.TARGET_NOT_WRITABLE,
        "snapshot root %s cannot be used: %s".formatted(root, e),
        "make it writable for the node agent's user",
        e);
  }
}
