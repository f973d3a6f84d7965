package io.stillpoint.activities;

import io.stillpoint.activity.CursorActivities.CopiedRequest;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.CopyProof;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;

/** Proofs that outlive the cursors which they are about. */
final class CopyProofs {

  private final BackupCatalog catalog;

  CopyProofs(BackupCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Proves, or finds the proof.
   *
   * @param touching fails with CURSOR_LOST if a cursor is gone
   * @return whether the cursors were touched; if not, an earlier try did, and they may be closed
   */
  boolean find(CopiedRequest request, Runnable touching) {
    StillpointException unreadable = null;
    try {
      if (isOnRecord(proof(request))) {
        return false;
      }
    } catch (StillpointException e) {
      unreadable = e;
    }
    try {
      touching.run();
    } catch (StillpointException e) {
      if (unreadable == null || e.code() != ErrorCode.CURSOR_LOST) {
        throw e;
      }
      unreadable.addSuppressed(e);
      throw unreadable;
    }
    return true;
  }

  /** As {@link #find}; the proof is on record when this returns. */
  boolean make(CopiedRequest request, Runnable touching) {
    boolean touched = find(request, touching);
    if (touched) {
      catalog.saveProof(proof(request));
    }
    return touched;
  }

  private boolean isOnRecord(CopyProof proof) {
    return catalog.proof(proof.backup(), proof.attempt()).filter(proof::equals).isPresent();
  }

  private static CopyProof proof(CopiedRequest request) {
    return CopyProof.of(request.backup(), request.attempt(), request.cursors());
  }
}
