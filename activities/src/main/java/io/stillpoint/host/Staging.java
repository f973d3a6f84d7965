package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.StageReport;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.directory.CopyFailedException;
import io.stillpoint.directory.CopyMethod;
import io.stillpoint.directory.CopyRecord;
import io.stillpoint.directory.DataPath;
import io.stillpoint.directory.FileChecksums;
import io.stillpoint.directory.ListedFilesCheck;
import io.stillpoint.directory.SnapshotMarker;
import io.stillpoint.directory.TreeCopy;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotContent;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Fills a stage from a directory snapshot, or checks what a person put there. */
final class Staging {

  private final NodeSettings settings;
  private final FileLists lists;
  private final RestoreArea area;
  private final List<SnapshotContent> contents;

  Staging(
      NodeSettings settings, FileLists lists, RestoreArea area, List<SnapshotContent> contents) {
    this.settings = settings;
    this.lists = lists;
    this.area = area;
    this.contents = contents;
  }

  /** What {@link #fill} will do with snapshots, after looking whether it can. */
  List<String> plan(StageRequest request) {
    requireList(request);
    Optional<SnapshotContent> content = content(request);
    if (content.isEmpty()) {
      check(request, source(request));
      return List.of();
    }
    return content.get().plan(request, area.dataPath());
  }

  /** Leaves the stage checked, durable and without the files that must not be restored. */
  StageReport fill(StageRequest request, ProgressListener listener) {
    requireList(request);
    Path stage = area.makeDirectory(area.stage(request.restore()));
    try {
      if (request.snapshots().isEmpty()) {
        acceptManualCopy(request, stage, listener);
      } else {
        fetch(request, stage, listener);
      }
      ListedFilesCheck.Found found = check(request, stage);
      BackupMetadata.removeNeverRestored(stage);
      CopyRecord.remove(stage);
      return new StageReport(stage.toString(), found.files(), found.bytes());
    } catch (CopyFailedException e) {
      throw translate(e);
    } catch (IOException e) {
      throw RestoreArea.unusable(stage, e);
    }
  }

  private static void requireList(StageRequest request) {
    if (request.files().lost()) {
      throw new StillpointException(
          ErrorCode.FILE_LIST_DAMAGED,
          "the file list of set %s was lost with its catalog, and files are only copied by a list"
              .formatted(request.sourceSet()),
          "let the agent exchange volumes: set live and state-directory in its restore-mounts");
    }
  }

  /**
   * Makes a volume's data path what a copy of the listed files would be, checked and durable. A
   * volume holds more than was listed: files that nobody pinned, and the journal after the copy.
   */
  StageReport clean(StageRequest request, Path data, Runnable alive) throws IOException {
    if (request.files().lost()) {
      return cleanUnlisted(data, alive);
    }
    check(request, data);
    Set<Path> listed = new HashSet<>();
    try (Stream<FileEntry> entries = lists.entries(request.backup(), request.files())) {
      entries.forEach(entry -> listed.add(data.resolve(entry.path())));
    }
    GuardedDirectory guarded = new GuardedDirectory(data);
    Files.walkFileTree(
        data,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
            return directory.getFileName().toString().equals("lost+found")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            alive.run();
            if (!listed.contains(file)) {
              guarded.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            DurableFiles.syncDirectory(directory);
            return FileVisitResult.CONTINUE;
          }
        });
    ListedFilesCheck.Found found = check(request, data);
    BackupMetadata.removeNeverRestored(data);
    return new StageReport(data.toString(), found.files(), found.bytes());
  }

  /**
   * A whole volume, all cut at one moment, lacks no file; what it must have is looked for, and the
   * recovery proves the rest: checkpoint, last entry and number of entries.
   */
  private StageReport cleanUnlisted(Path data, Runnable alive) throws IOException {
    ListedFilesCheck check = new ListedFilesCheck(data);
    check.requireBackupFile();
    check.requireNoJournalGap();
    GuardedDirectory guarded = new GuardedDirectory(data);
    guarded.delete(data.resolve(DataPath.RESTORES), alive);
    BackupMetadata.removeNeverRestored(data);
    try (Stream<Path> files = Files.walk(data)) {
      return new StageReport(
          data.toString(), files.filter(Files::isRegularFile).count(), new DataPath(data).bytes());
    }
  }

  /** Checks a stage that was filled before. */
  ListedFilesCheck.Found check(StageRequest request, Path stage) {
    try (Stream<FileEntry> entries = lists.entries(request.backup(), request.files())) {
      return new ListedFilesCheck(stage).check(entries.iterator());
    }
  }

  /**
   * A snapshot that must be made readable first is left so when the copy fails: the next try goes
   * on with it, and dropping the stage or undoing the restore takes it away.
   */
  private void fetch(StageRequest request, Path stage, ProgressListener listener)
      throws IOException {
    Optional<SnapshotContent> content = content(request);
    if (content.isEmpty()) {
      copy(request, source(request), stage, listener);
      return;
    }
    FileListRef files = request.files();
    Runnable alive = () -> listener.report(new Progress(0, files.bytes(), 0, files.files()));
    copy(request, content.get().open(request, alive), stage, listener);
    content.get().close(request.restore(), request.member(), alive);
  }

  private Optional<SnapshotContent> content(StageRequest request) {
    return contents.stream()
        .filter(c -> own(request).stream().allMatch(s -> s.provider() == c.type()))
        .findFirst();
  }

  private static List<SnapshotRef> own(StageRequest request) {
    return request.snapshots().stream().filter(s -> s.set().equals(request.sourceSet())).toList();
  }

  private Path source(StageRequest request) {
    List<SnapshotRef> own = own(request);
    if (own.size() != 1 || own.get(0).provider() != SnapshotType.DIRECTORY) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "this agent restores one directory snapshot, but set %s has %s"
              .formatted(
                  request.sourceSet(),
                  own.stream().map(s -> s.provider().word() + " " + s.id()).toList()),
          "attach the volumes yourself and restore with --manual");
    }
    SnapshotRef reference = own.get(0);
    if (!Files.isDirectory(settings.snapshotRoot())) {
      throw unreachable(settings.snapshotRoot());
    }
    Path snapshot = new GuardedDirectory(settings.snapshotRoot()).below(Path.of(reference.id()));
    if (!Files.isDirectory(snapshot)) {
      throw unreachable(snapshot);
    }
    SnapshotMarker marker =
        SnapshotMarker.read(snapshot)
            .orElseThrow(
                () ->
                    new StillpointException(
                        ErrorCode.SNAPSHOT_INCOMPLETE,
                        "%s has no %s, so nobody knows what it is"
                            .formatted(snapshot, SnapshotMarker.NAME),
                        "use another backup: stillpoint list"));
    requireOf(request, marker, snapshot);
    if (!marker.cursorBackupId().equals(reference.cursorBackupId())) {
      throw foreign(snapshot, marker, request);
    }
    return snapshot;
  }

  private static void requireOf(StageRequest request, SnapshotMarker marker, Path where) {
    if (!marker.backup().equals(request.backup())
        || !marker.set().equals(request.sourceSet())
        || !marker.files().sha256().equals(request.files().sha256())) {
      throw foreign(where, marker, request);
    }
    if (marker.status() != SnapshotMarker.Status.COMPLETE) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_INCOMPLETE,
          "%s was never finished: its status is %s".formatted(where, marker.status()),
          "use another backup: stillpoint list");
    }
  }

  private void copy(StageRequest request, Path source, Path stage, ProgressListener listener)
      throws IOException {
    check(request, source);
    FileListRef files = request.files();
    Optional<SnapshotMarker> marker = SnapshotMarker.read(source);
    // Files grow between their listing and their copy; what was copied is what there is.
    long bytes = marker.map(m -> Math.max(m.copiedBytes(), files.bytes())).orElse(files.bytes());
    CopyMethod method = CopyMethod.between(source, stage);
    long free = Files.getFileStore(stage).getUsableSpace() + new DataPath(stage).bytes();
    if (method == CopyMethod.STREAM && free < bytes) {
      throw new StillpointException(
          ErrorCode.DISK_FULL,
          "%s has %d bytes free, the data of set %s takes %d"
              .formatted(stage, free, request.sourceSet(), bytes),
          "free space on the data path's file system; nothing was changed");
    }
    CopyRecord record = record(request, stage, listener);
    Progress total = new Progress(0, bytes, 0, files.files());
    try (Stream<FileEntry> entries = lists.entries(request.backup(), files)) {
      new TreeCopy(source, stage, method, settings.parallelCopies())
          .run(entries.iterator(), record, total, listener);
    }
    // Volumes and old copies have no list; what a server can notice is left to its own checks.
    if (marker.isPresent()) {
      verify(marker.get(), source, stage, listener);
    }
  }

  /** Without a record nothing in the stage can be trusted, so that it is begun anew. */
  private CopyRecord record(StageRequest request, Path stage, ProgressListener listener)
      throws IOException {
    FileListRef files = request.files();
    String of =
        "%s %s %s"
            .formatted(
                request.backup(),
                files.sha256(),
                own(request).stream().map(SnapshotRef::id).toList());
    CopyRecord record = CopyRecord.open(stage, of);
    if (record.isEmpty()) {
      area.delete(stage, () -> listener.report(new Progress(0, files.bytes(), 0, files.files())));
      area.makeDirectory(stage);
    }
    return record;
  }

  private void verify(SnapshotMarker marker, Path list, Path stage, ProgressListener listener)
      throws IOException {
    Optional<String> checksums = marker.checksums();
    if (checksums.isPresent()) {
      FileListRef files = marker.files();
      new FileChecksums(
              settings.parallelCopies(),
              0,
              new Progress(0, Math.max(marker.copiedBytes(), files.bytes()), 0, files.files()),
              // It counts from nothing again, which is no step back.
              progress -> listener.report(progress.whileChecking()))
          .verify(list, checksums.get(), stage);
    }
  }

  /** A person may have copied the whole data path of the source: then there is more than listed. */
  private void acceptManualCopy(StageRequest request, Path stage, ProgressListener listener)
      throws IOException {
    refuseSubdirectory(stage);
    Optional<SnapshotMarker> marker = SnapshotMarker.read(stage);
    ListedFilesCheck.Found found = check(request, stage);
    if (marker.isPresent()) {
      requireOf(request, marker.get(), stage);
      verify(marker.get(), stage, stage, listener);
    }
    new ListedFilesCheck(stage).requireNoJournalGap();
    for (String name :
        List.of(SnapshotMarker.NAME, FileChecksums.NAME, DataPath.RESTORES, "lost+found")) {
      area.delete(stage.resolve(name), () -> {});
    }
    long files = 0;
    try (Stream<Path> tree = Files.walk(stage)) {
      for (Path path : (Iterable<Path>) tree::iterator) {
        if (Files.isSymbolicLink(path)) {
          throw new StillpointException(
              ErrorCode.SNAPSHOT_INCOMPLETE,
              "%s is a symbolic link, but the data itself must be in the stage".formatted(path),
              "copy what it points to into its place (cp -rL)");
        }
        if (Files.isDirectory(path)) {
          DurableFiles.syncDirectory(path);
        } else {
          DurableFiles.sync(path);
          files++;
        }
        listener.report(new Progress(found.bytes(), found.bytes(), files, found.files()));
      }
    }
  }

  private static void refuseSubdirectory(Path stage) throws IOException {
    if (Files.exists(stage.resolve(ListedFilesCheck.BACKUP_FILE))) {
      return;
    }
    try (Stream<Path> entries = Files.list(stage)) {
      entries
          .filter(entry -> Files.exists(entry.resolve(ListedFilesCheck.BACKUP_FILE)))
          .findFirst()
          .ifPresent(
              deeper -> {
                throw new StillpointException(
                    ErrorCode.SNAPSHOT_INCOMPLETE,
                    "the files are in %s, but belong into %s itself".formatted(deeper, stage),
                    "move them one level up: mv %s/* %s/".formatted(deeper, stage));
              });
    }
  }

  private static StillpointException foreign(
      Path where, SnapshotMarker marker, StageRequest request) {
    return new StillpointException(
        ErrorCode.SNAPSHOT_FOREIGN,
        "%s holds set %s of backup %s (cursor %s), but set %s of backup %s is to be restored"
            .formatted(
                where,
                marker.set(),
                marker.backup(),
                marker.cursorBackupId(),
                request.sourceSet(),
                request.backup()),
        "put the right snapshot there; nothing was changed");
  }

  private StillpointException unreachable(Path path) {
    return new StillpointException(
        ErrorCode.SNAPSHOT_UNREACHABLE,
        "%s is not there on the host of %s".formatted(path, settings.address()),
        "mount the snapshot root on this host under the same path; nothing was changed");
  }

  private StillpointException translate(CopyFailedException e) {
    return switch (e.reason()) {
      case TARGET_FULL, TARGET_UNWRITABLE ->
          new StillpointException(
              e.reason() == CopyFailedException.Reason.TARGET_FULL
                  ? ErrorCode.DISK_FULL
                  : ErrorCode.AGENT_REFUSED,
              "staging failed at " + e.getMessage(),
              "free space and check permissions in %s; nothing was changed"
                  .formatted(settings.dataPath()),
              e);
      case SOURCE_UNREADABLE ->
          new StillpointException(
              ErrorCode.SNAPSHOT_UNREACHABLE,
              "staging failed at " + e.getMessage(),
              "let the node agent's user read the snapshot root; nothing was changed",
              e);
      case SOURCE_MISSING, SOURCE_SHORT, SOURCE_UNSUITABLE ->
          new StillpointException(
              ErrorCode.SNAPSHOT_INCOMPLETE,
              "staging failed at " + e.getMessage(),
              "use another backup: stillpoint list; nothing was changed",
              e);
    };
  }
}
