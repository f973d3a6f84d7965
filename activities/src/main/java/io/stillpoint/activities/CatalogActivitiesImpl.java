package io.stillpoint.activities;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The catalog as activities. */
public final class CatalogActivitiesImpl implements CatalogActivities {

  private static final int MAX_BACKUPS = 200;
  private static final int MAX_FILES = 400;
  private static final int MAX_ENTRIES = 300;

  private final BackupCatalog catalog;
  private final FileLists lists;
  private final OperationLink link;
  private final Consumer<String> configured;

  /**
   * @param link tells whether an operation that was noted to use a backup still runs
   * @param configured throws CLUSTER_UNKNOWN for a cluster that the configuration does not have
   */
  public CatalogActivitiesImpl(
      BackupCatalog catalog, FileLists lists, OperationLink link, Consumer<String> configured) {
    this.configured = configured;
    this.catalog = catalog;
    this.lists = lists;
    this.link = link;
  }

  @Override
  public void begin(BeginRequest request) {
    BackgroundHeartbeat.during(() -> catalog.begin(request));
  }

  @Override
  public BackupSummary complete(CompleteRequest request) {
    return BackgroundHeartbeat.during(() -> catalog.complete(request));
  }

  @Override
  public void end(String backup, String owner, OperationStatus status, String failure) {
    BackgroundHeartbeat.during(() -> catalog.end(backup, owner, status, failure));
  }

  @Override
  public Manifest read(String backup, boolean checkFileLists) {
    return BackgroundHeartbeat.during(() -> checked(backup, checkFileLists).slim());
  }

  @Override
  public Manifest readForUse(String backup, String operation, boolean checkFileLists) {
    return BackgroundHeartbeat.during(
        () -> {
          // Noted before it is read: a deletion either sees the note, or this sees the deletion.
          catalog.use(backup, operation);
          return checked(backup, checkFileLists).slim();
        });
  }

  @Override
  public List<CatalogEntry> entries(String cluster, int offset, int limit) {
    return BackgroundHeartbeat.during(
        () -> {
          List<CatalogEntry> all = catalog.entries(cluster);
          requireKnown(Optional.of(cluster), all);
          return all.stream()
              .skip(Math.max(0, offset))
              .limit(Math.max(0, Math.min(limit, MAX_ENTRIES)))
              .map(this::withUse)
              .toList();
        });
  }

  @Override
  public Manifest beginDelete(String backup) {
    return BackgroundHeartbeat.during(
        () -> {
          requireUnused(backup);
          Manifest deleting = catalog.beginDelete(backup);
          // A restore that began in between saw either COMPLETED and is seen here, or DELETING.
          requireUnused(backup);
          return deleting.slim();
        });
  }

  private CatalogEntry withUse(CatalogEntry entry) {
    return new CatalogEntry(
        entry.backup(),
        entry.state(),
        entry.at(),
        entry.bytes(),
        entry.state() != CatalogEntry.State.UNUSABLE && user(entry.backup()).isPresent());
  }

  private void requireUnused(String backup) {
    user(backup)
        .ifPresent(
            user -> {
              throw new StillpointException(
                  ErrorCode.BACKUP_IN_USE,
                  "backup '%s' is used by the running operation %s".formatted(backup, user),
                  "wait until it has ended, or cancel it, then delete the backup again");
            });
  }

  /** An operation that still runs and uses the backup, by its workflow id. */
  private Optional<String> user(String backup) {
    return catalog.users(backup).stream()
        .filter(user -> link.isRunning(workflowId(user), runId(user)))
        .map(CatalogActivitiesImpl::workflowId)
        .findFirst();
  }

  private static String workflowId(String operation) {
    return operation.substring(0, Math.max(0, operation.lastIndexOf(' ')));
  }

  private static String runId(String operation) {
    return operation.substring(operation.lastIndexOf(' ') + 1);
  }

  private Manifest checked(String backup, boolean checkFileLists) {
    Manifest manifest = catalog.read(backup);
    if (checkFileLists) {
      manifest.sets().stream()
          .filter(set -> !set.files().lost())
          .forEach(set -> lists.verify(backup, set.files()));
    }
    return manifest;
  }

  @Override
  public List<BackupSummary> list(Optional<String> cluster, int limit) {
    int most = Math.max(1, Math.min(limit, MAX_BACKUPS));
    return BackgroundHeartbeat.during(
        () -> {
          List<BackupSummary> backups = catalog.list(cluster, most);
          requireKnown(cluster, backups);
          return backups;
        });
  }

  /**
   * A cluster that is not configured any more is known by its backups, for as long as it has any.
   */
  private void requireKnown(Optional<String> cluster, List<?> found) {
    if (found.isEmpty()) {
      cluster.ifPresent(configured);
    }
  }

  @Override
  public List<String> files(String backup, String set, int offset, int limit) {
    ManifestSet part =
        catalog
            .latestPart(backup, set)
            .orElseThrow(
                () ->
                    new StillpointException(
                        ErrorCode.BAD_INPUT,
                        "backup %s has no file list of a set '%s' yet".formatted(backup, set),
                        "see its sets: stillpoint describe-backup " + backup));
    if (part.files().lost()) {
      throw new StillpointException(
          ErrorCode.FILE_LIST_DAMAGED,
          "the file list of set '%s' was lost with its catalog; its manifest was rebuilt from snapshots"
              .formatted(set),
          "restore it by volumes, which need no list");
    }
    return lists
        .page(backup, part.files(), Math.max(0, offset), Math.max(0, Math.min(limit, MAX_FILES)))
        .stream()
        .map(FileEntry::path)
        .toList();
  }

  @Override
  public void delete(String backup) {
    BackgroundHeartbeat.during(() -> catalog.delete(backup));
  }
}
