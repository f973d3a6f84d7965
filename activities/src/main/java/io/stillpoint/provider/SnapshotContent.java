package io.stillpoint.provider;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.model.SnapshotType;
import java.nio.file.Path;

/**
 * Makes what snapshots hold readable on a member's host, for as long as a restore copies from it.
 * Both methods may run again after they were cut short; a restore runs them one after the other.
 */
public interface SnapshotContent {

  SnapshotType type();

  /**
   * Returns a directory with the files as they lay in the member's data path. It may be read only.
   *
   * <p>Errors: SNAPSHOT_FOREIGN, SNAPSHOT_INCOMPLETE, SNAPSHOT_UNREACHABLE, VOLUME_UNSUITABLE,
   * AGENT_REFUSED (this agent is not configured for it), PROVIDER_*.
   *
   * @param alive called at least every few seconds; may throw to stop the work
   */
  Path open(StageRequest request, Runnable alive);

  /** Takes away everything that {@link #open} made for the restore; nothing there is fine. */
  void close(String restore, String member, Runnable alive);
}
