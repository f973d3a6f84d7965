package io.stillpoint.catalog;

import io.stillpoint.model.BackupCursor;
import java.util.List;

/**
 * The backup cursors that were seen alive after everything was copied under them: the copies are
 * good from then on, whatever becomes of the cursors.
 *
 * @param cursorBackupIds the servers' own ids, never given twice
 */
public record CopyProof(String backup, int attempt, List<String> cursorBackupIds) {
  public CopyProof {
    cursorBackupIds = List.copyOf(cursorBackupIds);
  }

  public static CopyProof of(String backup, int attempt, List<BackupCursor> cursors) {
    return new CopyProof(
        backup, attempt, cursors.stream().map(BackupCursor::cursorBackupId).toList());
  }
}
