package io.stillpoint.provider;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.model.SnapshotType;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes what snapshots hold readable on a member's host, for as long as a restore copies from it.
 * Both methods may run again after they were cut short; a restore runs them one after the other.
 */
public interface SnapshotContent {

  SnapshotType type();

  /**
   * Says what {@link #open} will make, after looking whether it can: mounts, permissions,
   * encryption. Changes nothing.
   *
   * <p>Errors: those of {@link #open}, and VOLUME_UNSUITABLE if the data would lose its encryption.
   *
   * @param dataPath where the files will be copied to
   */
  default List<String> plan(StageRequest request, Path dataPath) {
    return List.of();
  }

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
