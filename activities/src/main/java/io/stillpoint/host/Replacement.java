package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.error.StillpointException;
import io.stillpoint.provider.ProgressListener;
import java.io.IOException;
import java.util.List;

/**
 * One way for restored data to take the place of the live data, and to be taken back. The caller
 * holds the area's lock and has made sure that no server runs where data is moved; each method
 * resumes where an earlier call stopped.
 */
interface Replacement {

  /** Where this way keeps its state. */
  RestoreArea area();

  /**
   * @throws StillpointException AGENT_REFUSED if the live data could not be put aside
   */
  void requirePossible();

  /** What {@link #stage} will do, after looking whether it can. Changes nothing. */
  List<String> plan(StageRequest request);

  /** From STAGING, or again from STAGED, to STAGED; the live data is not touched. */
  RestoreState stage(
      StageRequest request, RestoreState from, ProgressListener listener, Runnable beat)
      throws IOException;

  /** Takes away what was staged or, after an undo, what had been swapped in. */
  void discard(String restore, Runnable beat);

  /** From STAGED to SWAPPED. */
  RestoreState swap(RestoreState from, Runnable beat);

  /**
   * @throws StillpointException AGENT_REFUSED if what was swapped in is not there any more
   */
  void requireInPlace(RestoreState state);

  /** From any step to UNDONE: exactly the old data is in place. */
  RestoreState undo(RestoreState from, Runnable beat);

  /** Lets the old data go, after RELEASED was recorded. */
  void release(RestoreState state, Runnable beat);
}
