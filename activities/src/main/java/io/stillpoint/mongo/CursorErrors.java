package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import java.util.List;

/** The refusals that have to do with backup cursors. */
final class CursorErrors {

  private CursorErrors() {}

  static StillpointException lost(BackupCursor cursor, String reason, Throwable cause) {
    return new StillpointException(
        ErrorCode.CURSOR_LOST,
        "backup cursor %s on %s is gone: %s"
            .formatted(cursor.cursorBackupId(), cursor.member(), reason),
        "whatever was copied under it cannot be restored; look at the member's log for restarts",
        cause);
  }

  static StillpointException busy(String member, List<IdleBackupCursor> seen) {
    String holder =
        seen.isEmpty()
            ? "of another user, or one that is being opened right now"
            : "with the comment " + seen.get(0).comment();
    return new StillpointException(
        ErrorCode.CURSOR_BUSY,
        "%s already has an open backup cursor %s".formatted(member, holder),
        "wait until that backup has ended, or close its cursor with killCursors if nobody needs it"
            + " any more");
  }

  static StillpointException locked(String member, StillpointException cause) {
    return new StillpointException(
        ErrorCode.CURSOR_BUSY,
        "%s cannot open a backup cursor now: %s".formatted(member, cause.getMessage()),
        "end fsyncLock or the hot backup on that member, then start the backup again",
        cause);
  }
}
