package io.stillpoint.directory;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.FileListRef;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes one directory snapshot, or goes on with what an earlier try left. The caller holds the
 * member's lock.
 */
final class SnapshotCut {

  private final NodeSettings settings;
  private final SnapshotPaths paths;
  private final FileLists lists;
  private final Clock clock;

  SnapshotCut(NodeSettings settings, SnapshotPaths paths, FileLists lists, Clock clock) {
    this.settings = settings;
    this.paths = paths;
    this.lists = lists;
    this.clock = clock;
  }

  /** The snapshot is durable, checked against the list and marked complete when this returns. */
  SnapshotMarker run(CutRequest request, Path snapshot, ProgressListener progress)
      throws IOException {
    paths.guarded().plain(snapshot);
    Optional<SnapshotMarker> earlier = SnapshotMarker.read(snapshot);
    if (earlier.isPresent()) {
      requireSameCursor(earlier.get(), request, snapshot);
      if (earlier.get().isComplete()) {
        check(request, snapshot);
        CopyRecord.remove(snapshot);
        return earlier.get();
      }
      if (earlier.get().status() == SnapshotMarker.Status.COPYING) {
        // An earlier build's half copy has other names, and no record.
        SnapshotRemoval.remove(paths.guarded(), snapshot);
      }
    }
    Files.createDirectories(snapshot);
    DurableFiles.syncDirectory(snapshot.getParent());
    DurableFiles.syncDirectory(snapshot.getParent().getParent());
    SnapshotMarker writing = marker(request, CopyMethod.between(settings.dataPath(), snapshot));
    writing.write(snapshot);
    TreeCopy.Copied copied = copy(request, writing, snapshot, progress);
    check(request, snapshot);
    SnapshotMarker complete = writing.complete(copied, clock.instant());
    complete.write(snapshot);
    CopyRecord.remove(snapshot);
    return complete;
  }

  private TreeCopy.Copied copy(
      CutRequest request, SnapshotMarker writing, Path snapshot, ProgressListener progress)
      throws IOException {
    FileListRef files = request.cursor().files();
    CopyRecord record = CopyRecord.open(snapshot, writing.cursorBackupId() + " " + files.sha256());
    TreeCopy copy =
        new TreeCopy(
            settings.dataPath(),
            snapshot,
            writing.method(),
            settings.parallelCopies(),
            settings.copyBytesPerSecond());
    try (Stream<FileEntry> entries = lists.entries(request.backup(), files)) {
      return copy.run(
          entries.iterator(), record, new Progress(0, files.bytes(), 0, files.files()), progress);
    }
  }

  private void check(CutRequest request, Path snapshot) {
    try (Stream<FileEntry> entries = lists.entries(request.backup(), request.cursor().files())) {
      new ListedFilesCheck(snapshot).check(entries.iterator());
    }
  }

  private SnapshotMarker marker(CutRequest request, CopyMethod method) {
    BackupCursor cursor = request.cursor();
    return new SnapshotMarker(
        SnapshotMarker.FORMAT_VERSION,
        request.backup(),
        request.cluster(),
        cursor.set(),
        cursor.member(),
        request.attempt(),
        cursor.cursorBackupId(),
        request.point(),
        cursor.files(),
        SnapshotMarker.Status.WRITING,
        method,
        clock.instant().truncatedTo(ChronoUnit.MILLIS),
        Optional.empty(),
        0,
        0,
        Optional.empty());
  }

  /** A half copy made under another cursor, or of another list, must never be completed. */
  private static void requireSameCursor(SnapshotMarker earlier, CutRequest request, Path snapshot) {
    BackupCursor cursor = request.cursor();
    if (!earlier.cursorBackupId().equals(cursor.cursorBackupId())
        || !earlier.member().equals(cursor.member())
        || !earlier.files().sha256().equals(cursor.files().sha256())) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FOREIGN,
          "%s holds a copy made under backup cursor %s on %s, but this one is %s on %s"
              .formatted(
                  snapshot,
                  earlier.cursorBackupId(),
                  earlier.member(),
                  cursor.cursorBackupId(),
                  cursor.member()),
          "start a new backup under another name");
    }
  }
}
