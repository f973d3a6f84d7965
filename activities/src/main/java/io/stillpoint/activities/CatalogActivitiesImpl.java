package io.stillpoint.activities;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import java.util.List;
import java.util.Optional;

/** The catalog as activities. */
public final class CatalogActivitiesImpl implements CatalogActivities {

  private static final int MAX_BACKUPS = 200;
  private static final int MAX_FILES = 400;

  private final BackupCatalog catalog;
  private final FileLists lists;

  public CatalogActivitiesImpl(BackupCatalog catalog, FileLists lists) {
    this.catalog = catalog;
    this.lists = lists;
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

  private Manifest checked(String backup, boolean checkFileLists) {
    Manifest manifest = catalog.read(backup);
    if (checkFileLists) {
      manifest.sets().forEach(set -> lists.verify(backup, set.files()));
    }
    return manifest;
  }

  @Override
  public List<BackupSummary> list(Optional<String> cluster, int limit) {
    int most = Math.max(1, Math.min(limit, MAX_BACKUPS));
    return BackgroundHeartbeat.during(() -> catalog.list(cluster, most));
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
