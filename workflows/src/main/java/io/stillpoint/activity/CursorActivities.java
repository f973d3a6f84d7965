package io.stillpoint.activity;

import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.ReplicaSetRole;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;

/**
 * Backup cursors. The handle {@link BackupCursor} lives in the workflow, so any worker can carry on
 * with a cursor that another one opened.
 */
@ActivityInterface(namePrefix = "Cursor")
public interface CursorActivities {

  /**
   * @param operation the backup's name; goes into the cursor's comment as its owner
   * @param attempt the workflow's attempt, 1-based; a new attempt never adopts an old cursor
   */
  record OpenRequest(
      String cluster,
      String operation,
      int attempt,
      String set,
      String shardId,
      ReplicaSetRole role,
      String member) {}

  /**
   * @param clusterTime the highest $clusterTime document seen, as extended JSON, to be passed on
   *     unchanged; empty if no server sent one
   * @param inFlight what began to move after the cursors opened; if not empty, wait and take the
   *     point anew
   */
  record Point(ClusterTime time, String clusterTime, List<String> inFlight) {
    public Point {
      inFlight = List.copyOf(inFlight);
    }
  }

  /**
   * @param lastEntry newest oplog entry not after the point
   * @param entries number of oplog entries in (checkpoint, point]
   */
  record Extended(FileListRef files, ClusterTime lastEntry, long entries, List<String> warnings) {
    public Extended {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * @param attempt whose copies are all made
   */
  record CopiedRequest(String backup, int attempt, List<BackupCursor> cursors) {
    public CopiedRequest {
      cursors = List.copyOf(cursors);
    }
  }

  /**
   * What heartbeats of {@link #keepAlive} carry.
   *
   * @param silence what is wrong while the member does not answer; empty while it does
   */
  record Beat(String holder, long atMillis, int adoptions, String silence) {
    public Beat {
      // Absent in those of older builds.
      silence = silence == null ? "" : silence;
    }
  }

  /**
   * Opens the backup cursor on the member and drains its file list into the catalog. A cursor that
   * an earlier try of the same operation left behind is closed first, found by its comment; anybody
   * else's is never touched.
   *
   * <p>Errors: CURSOR_BUSY (another tool holds the backup cursor), STAGES_MISSING,
   * MONGO_NOT_AUTHORIZED, MONGO_UNREACHABLE (retryable).
   */
  @ActivityMethod
  BackupCursor open(OpenRequest request);

  /**
   * Reads the majority optime of every cursor's member, after all are open, and takes the highest
   * as the consistent point; never equal to a checkpoint, never below an oplogEnd. Looks again for
   * anything in flight.
   */
  @ActivityMethod
  Point fixPoint(String cluster, List<BackupCursor> cursors);

  /**
   * Moves the set past the point, waits until its majority and durable optimes on the member reach
   * it, then extends without a time limit (an interrupted extend aborts servers before 7.0). Adds
   * the journal files to the list. May run twice.
   *
   * <p>Errors: POINT_NOT_REACHED, CURSOR_LOST.
   */
  @ActivityMethod
  FileListRef extend(OpenRequest request, BackupCursor cursor, Point point);

  /**
   * Reads what the manifest needs to prove a restore: last entry and number of entries up to the
   * point, whether the shard registry was written, configuration and storage options; and writes
   * this set's part of the manifest into the catalog.
   */
  @ActivityMethod
  Extended describe(OpenRequest request, BackupCursor cursor, Point point);

  /**
   * Keeps the cursor alive by getMore until it is cancelled. Heartbeats a {@link Beat}. When a
   * worker dies, the retry on another worker adopts the cursor and tells the workflow by the signal
   * {@code cursorAdopted}.
   *
   * <p>Errors: CURSOR_LOST, never retried: nothing that was cut is worth anything then.
   */
  @ActivityMethod
  void keepAlive(BackupCursor cursor);

  /**
   * Proves by a getMore on each that the cursors are still the ones that were opened. Safe to
   * repeat.
   *
   * <p>Errors: CURSOR_LOST.
   */
  @ActivityMethod
  void prove(List<BackupCursor> cursors);

  /**
   * As {@link #prove}, after the last copy of an attempt; what {@link #finish} has recorded counts,
   * since it may have closed the cursors.
   *
   * <p>Errors: CURSOR_LOST; CATALOG_UNREADABLE if a cursor is gone, and nobody can say whether it
   * was proven before.
   */
  @ActivityMethod
  void proveCopied(CopiedRequest request);

  /**
   * Proves the cursors after the last copy of an attempt, records that in the catalog, and closes
   * them. A worker may die within it: the record tells whoever repeats it that the copies are good,
   * though the cursors are gone. Safe to repeat and beside itself.
   *
   * <p>Errors: those of {@link #proveCopied}; CATALOG_UNWRITABLE or DISK_FULL, then nothing is
   * closed.
   *
   * @return the sets whose cursor was gone when it was closed, none if it was on record
   */
  @ActivityMethod
  List<String> finish(CopiedRequest request);

  /**
   * Closes the cursors; returns the sets whose cursor was gone already. Idempotent: a cursor that
   * is gone is closed. A repetition cannot tell its own earlier success and returns none.
   */
  @ActivityMethod
  List<String> close(List<BackupCursor> cursors);

  /**
   * Closes whatever cursors the operation may have left on the member, found by their comment: the
   * compensation for an {@link #open} whose outcome is unknown. Returns how many were closed.
   */
  @ActivityMethod
  int closeOrphans(OpenRequest request);
}
