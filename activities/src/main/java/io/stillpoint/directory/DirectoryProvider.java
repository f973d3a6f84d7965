package io.stillpoint.directory;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.NodeMembers;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Names;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import io.stillpoint.storage.ExclusiveLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Copies exactly the files that the backup cursor listed, on the member's own host. */
public final class DirectoryProvider implements SnapshotProvider {

  /** A successor may have to wait until a cancelled copy has noticed; it does so at every chunk. */
  private static final Duration CUT_PATIENCE = Duration.ofHours(1);

  private static final Duration DELETE_PATIENCE = Duration.ofMinutes(2);

  private final NodeMembers members;
  private final FileLists lists;
  private final Clock clock;

  public DirectoryProvider(NodeMembers members, FileLists lists, Clock clock) {
    this.members = members;
    this.lists = lists;
    this.clock = clock;
  }

  @Override
  public SnapshotType type() {
    return SnapshotType.DIRECTORY;
  }

  @Override
  public VolumePlan resolve(VolumeRequest request) {
    NodeSettings settings = members.require(request.member());
    DataPath data = new DataPath(settings.dataPath());
    data.requireSameAs(request.dbPath(), request.member());
    new SnapshotPaths(settings.snapshotRoot()).backup(request.backup());
    return new TargetCheck(settings).plan(data);
  }

  @Override
  public List<SnapshotRef> cut(CutRequest request, ProgressListener progress) {
    BackupCursor cursor = request.cursor();
    NodeSettings settings = members.require(cursor.member());
    new DataPath(settings.dataPath()).requireSameAs(cursor.dbPath(), cursor.member());
    SnapshotPaths paths = new SnapshotPaths(settings.snapshotRoot());
    Path snapshot = paths.snapshot(request.backup(), cursor.set(), request.attempt());
    Progress nothing = new Progress(0, cursor.files().bytes(), 0, cursor.files().files());
    try {
      SnapshotMarker marker =
          ExclusiveLock.holding(
              paths.lock(cursor.member()),
              CUT_PATIENCE,
              () -> progress.report(nothing),
              () ->
                  new SnapshotCut(settings, paths, lists, clock).run(request, snapshot, progress));
      return List.of(reference(settings, marker, snapshot));
    } catch (CopyFailedException e) {
      throw CopyErrors.translate(e);
    } catch (IOException e) {
      throw CopyErrors.unwritable(snapshot, e);
    }
  }

  /** Records what every file holds; the database may go on meanwhile, its cursor is closed. */
  @Override
  public void seal(List<SnapshotRef> snapshots, ProgressListener progress) {
    for (SnapshotRef snapshot : snapshots) {
      NodeSettings settings = members.require(snapshot.member());
      Path path = located(snapshot);
      FileListRef files = complete(path, snapshot).files();
      Progress nothing = new Progress(0, files.bytes(), 0, files.files());
      try {
        ExclusiveLock.holding(
            new SnapshotPaths(settings.snapshotRoot()).lock(snapshot.member()),
            CUT_PATIENCE,
            () -> progress.report(nothing),
            () -> {
              seal(settings, path, complete(path, snapshot), nothing, progress);
              return null;
            });
      } catch (IOException e) {
        throw CopyErrors.unwritable(path, e);
      }
    }
  }

  private void seal(
      NodeSettings settings,
      Path path,
      SnapshotMarker marker,
      Progress total,
      ProgressListener progress)
      throws IOException {
    if (marker.isSealed()) {
      return;
    }
    try (Stream<FileEntry> entries = lists.entries(marker.backup(), marker.files())) {
      String sha256 =
          new FileChecksums(
                  settings.parallelCopies(), settings.copyBytesPerSecond(), total, progress)
              .record(path, entries.iterator());
      marker.sealed(sha256).write(path);
    }
  }

  private static SnapshotMarker complete(Path path, SnapshotRef snapshot) {
    return SnapshotMarker.read(path)
        .filter(m -> m.isComplete() && m.cursorBackupId().equals(snapshot.cursorBackupId()))
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.SNAPSHOT_FAILED,
                    "snapshot %s was complete and is not any more".formatted(path),
                    "find out who changed the snapshot root, then start a new backup"));
  }

  @Override
  public Readiness poll(List<SnapshotRef> snapshots) {
    List<SnapshotRef> seen = new ArrayList<>();
    long bytes = 0;
    for (SnapshotRef snapshot : snapshots) {
      Path path = located(snapshot);
      SnapshotMarker marker = complete(path, snapshot);
      bytes += marker.copiedBytes();
      seen.add(reference(members.require(snapshot.member()), marker, path));
    }
    return new Readiness(seen, new Progress(bytes, bytes, seen.size(), seen.size()));
  }

  @Override
  public void delete(DeleteRequest request) {
    SnapshotPaths paths = new SnapshotPaths(members.require(request.member()).snapshotRoot());
    Path snapshot = paths.snapshot(request.backup(), request.set(), request.attempt());
    try {
      ExclusiveLock.holding(
          paths.lock(request.member()),
          DELETE_PATIENCE,
          () -> {},
          () -> {
            SnapshotRemoval.remove(paths.guarded(), snapshot);
            return null;
          });
    } catch (IOException e) {
      throw SnapshotRemoval.undeletable(snapshot, e);
    }
  }

  @Override
  public void discard(String cluster, String backup, List<SnapshotRef> snapshots) {
    for (SnapshotRef snapshot : snapshots) {
      SnapshotPaths paths = new SnapshotPaths(members.require(snapshot.member()).snapshotRoot());
      Path path = located(snapshot);
      if (Files.exists(path)) {
        SnapshotRemoval.requireOf(cluster, backup, snapshot, path);
      }
      try {
        SnapshotRemoval.remove(paths.guarded(), path);
      } catch (IOException e) {
        throw SnapshotRemoval.undeletable(path, e);
      }
    }
  }

  @Override
  public List<SnapshotRef> list(String cluster, String backup) {
    List<SnapshotRef> found = new ArrayList<>();
    for (NodeSettings settings : members.all()) {
      Path directory = new SnapshotPaths(settings.snapshotRoot()).backup(backup);
      if (!Files.isDirectory(directory)) {
        continue;
      }
      try (Stream<Path> snapshots = Files.list(directory)) {
        for (Path snapshot : snapshots.filter(DirectoryProvider::mayBeOurs).sorted().toList()) {
          SnapshotMarker.read(snapshot)
              .filter(m -> m.cluster().equals(cluster) && m.member().equals(settings.address()))
              .ifPresent(m -> found.add(reference(settings, m, snapshot)));
        }
      } catch (IOException e) {
        throw CopyErrors.unwritable(directory, e);
      }
    }
    return found;
  }

  @Override
  public List<String> backups(String cluster, String member) {
    Path root = new SnapshotPaths(members.require(member).snapshotRoot()).guarded().root();
    try (Stream<Path> backups = Files.list(root)) {
      return backups
          .filter(DirectoryProvider::mayBeOurs)
          .map(p -> p.getFileName().toString())
          .filter(Names::isName)
          .filter(b -> list(cluster, b).stream().anyMatch(s -> s.member().equals(member)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw CopyErrors.unwritable(root, e);
    }
  }

  private SnapshotRef reference(NodeSettings settings, SnapshotMarker marker, Path snapshot) {
    return new SnapshotRef(
        marker.set(),
        marker.member(),
        SnapshotType.DIRECTORY,
        snapshot.toString(),
        settings.dataPath().toString(),
        "data",
        marker.cursorBackupId(),
        marker.copiedBytes(),
        marker.isSealed());
  }

  private Path located(SnapshotRef snapshot) {
    return new SnapshotPaths(members.require(snapshot.member()).snapshotRoot())
        .guarded()
        .plain(Path.of(snapshot.id()));
  }

  /** Others put things below a snapshot root, too: {@code lost+found}, notes, links. */
  private static boolean mayBeOurs(Path path) {
    return !path.getFileName().toString().startsWith(".")
        && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }
}
