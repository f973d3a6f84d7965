package io.stillpoint.directory;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Deletes directory snapshots, and nothing else. */
final class SnapshotRemoval {

  private SnapshotRemoval() {}

  /** Renamed first, so that nobody takes half a snapshot for one; the rest may be repeated. */
  static void remove(GuardedDirectory root, Path snapshot) throws IOException {
    root.plain(snapshot);
    Path aside = snapshot.resolveSibling(".deleted-" + snapshot.getFileName());
    root.delete(aside);
    if (Files.exists(snapshot)) {
      Files.move(snapshot, aside);
      root.delete(aside);
    }
    Path backup = snapshot.getParent();
    if (Files.isDirectory(backup) && isEmpty(backup)) {
      root.delete(backup);
    }
  }

  static void requireOf(String cluster, String backup, SnapshotRef snapshot, Path path) {
    SnapshotMarker marker =
        SnapshotMarker.read(path).orElseThrow(() -> foreign(path, "has no marker", backup));
    if (!marker.backup().equals(backup) || !marker.cluster().equals(cluster)) {
      throw foreign(path, "belongs to backup %s".formatted(marker.backup()), backup);
    }
    if (!marker.set().equals(snapshot.set()) || !marker.member().equals(snapshot.member())) {
      throw foreign(
          path,
          "is of member %s of set %s, not of %s of %s"
              .formatted(marker.member(), marker.set(), snapshot.member(), snapshot.set()),
          backup);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  private static StillpointException foreign(Path path, String what, String backup) {
    return new StillpointException(
        ErrorCode.SNAPSHOT_FOREIGN,
        "snapshot %s %s, so it is not deleted for backup %s".formatted(path, what, backup),
        "look at its stillpoint.json and delete it by hand if nobody needs it");
  }

  static StillpointException undeletable(Path path, IOException e) {
    return new StillpointException(
        ErrorCode.PROVIDER_FAILED,
        "snapshot %s could not be deleted: %s".formatted(path, e),
        "check the permissions below the snapshot root",
        e);
  }
}
