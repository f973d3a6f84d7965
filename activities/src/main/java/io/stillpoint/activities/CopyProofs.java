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
   * Proves, or finds the proof. The catalog is asked only if the cursors do not answer.
   *
   * @param touching fails with CURSOR_LOST if a cursor is gone
   * @return whether the cursors were touched; if not, an earlier try did, and they may be closed
   */
  boolean find(CopiedRequest request, Runnable touching) {
    try {
      touching.run();
      return true;
    } catch (StillpointException e) {
      if (isOnRecord(proof(request), e)) {
        return false;
      }
      throw e;
    }
  }

  /** As {@link #find}; the proof is on record when this returns. */
  boolean make(CopiedRequest request, Runnable touching) {
    boolean touched = find(request, touching);
    if (touched) {
      catalog.saveProof(proof(request));
    }
    return touched;
  }

  private boolean isOnRecord(CopyProof proof, StillpointException untouched) {
    try {
      return catalog.proof(proof.backup(), proof.attempt()).filter(proof::equals).isPresent();
    } catch (StillpointException unreadable) {
      unreadable.addSuppressed(untouched);
      throw untouched.code() == ErrorCode.CURSOR_LOST ? unreadable : untouched;
    }
  }

  private static CopyProof proof(CopiedRequest request) {
    return CopyProof.of(request.backup(), request.attempt(), request.cursors());
  }
}
