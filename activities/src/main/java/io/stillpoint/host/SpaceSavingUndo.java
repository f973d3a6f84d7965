package io.stillpoint.host;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;

/**
 * Puts a member's old data back. On a full disk what was staged makes room: it is about as large,
 * and is given up anyway.
 */
final class SpaceSavingUndo {

  private final Replacement replacement;
  private final RestoreArea area;

  SpaceSavingUndo(Replacement replacement) {
    this.replacement = replacement;
    this.area = replacement.area();
  }

  /**
   * @throws StillpointException DISK_FULL if even that is not enough; says where the old data is
   */
  void run(RestoreState from, Runnable beat) {
    try {
      replacement.undo(from, beat);
    } catch (StillpointException e) {
      requireFullDisk(e);
      withRoom(from, beat);
    }
  }

  private void withRoom(RestoreState from, Runnable beat) {
    String restore = from.restore();
    try {
      area.delete(area.stage(restore), beat);
      area.delete(area.discard(restore), beat);
      replacement.undo(area.state(restore).orElse(from), beat);
    } catch (StillpointException e) {
      requireFullDisk(e);
      boolean untouched = area.state(restore).orElse(from).oldNames().isEmpty();
      throw new StillpointException(
          e.code(),
          "%s; the old data is %s"
              .formatted(
                  e.getMessage(),
                  untouched
                      ? "in %s, none of it was moved".formatted(area.dataPath())
                      : "in %s, but for what is still, or again, in %s"
                          .formatted(area.old(restore), area.dataPath())),
          e.hint(),
          e);
    }
  }

  private static void requireFullDisk(StillpointException e) {
    if (e.code() != ErrorCode.DISK_FULL) {
      throw e;
    }
  }
}
