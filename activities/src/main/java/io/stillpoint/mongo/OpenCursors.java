package io.stillpoint.mongo;

import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;

/** Backup cursors that are open on some server. */
public interface OpenCursors {

  /**
   * Continues the cursor, which is what keeps it alive and what proves that it lives.
   *
   * @throws StillpointException CURSOR_LOST if the server does not have it any more; other codes if
   *     it could not be asked
   */
  void touch(BackupCursor cursor);

  /** Whether the server listed the cursor as killed by this call. A cursor that is gone is fine. */
  boolean close(BackupCursor cursor);
}
