package io.stillpoint.backup;

import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.plan.BackupPlan.SetPlan;
import java.util.List;
import java.util.Optional;

/** One replica set within one attempt: what is open, what was cut. Mutable workflow state. */
final class SetProgress {

  final SetPlan plan;
  final OpenRequest request;
  Optional<BackupCursor> cursor = Optional.empty();
  Optional<FileListRef> files = Optional.empty();
  List<SnapshotRef> snapshots = List.of();
  long openedAtMillis;
  int adoptions;
  String holder = "";
  String state = "planned";
  boolean cut;
  boolean ready;

  SetProgress(SetPlan plan, OpenRequest request) {
    this.plan = plan;
    this.request = request;
  }

  BackupCursor openCursor() {
    return cursor.orElseThrow();
  }

  BackupDescription.SetDescription describe() {
    return new BackupDescription.SetDescription(
        plan.set(),
        plan.shardId(),
        plan.member(),
        plan.dbPath(),
        state,
        openedAtMillis,
        cursor.map(BackupCursor::cursorBackupId).orElse(""),
        adoptions,
        holder,
        files.map(FileListRef::name).orElse(""),
        files.map(FileListRef::files).orElse(0L),
        files.map(FileListRef::bytes).orElse(0L),
        cut,
        ready,
        snapshots.stream().map(SnapshotRef::id).toList());
  }
}
