package io.stillpoint.provider;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.model.SnapshotType;
import java.nio.file.Path;
import java.util.List;

/**
 * Lets volumes made from snapshots take the places of those that a member's data lies on. The
 * replaced ones stay attached, unmounted, until they are released. Which places these are and how
 * volumes are mounted there is the agent's configuration. Every method may run again after it was
 * cut short.
 */
public interface VolumeExchange {

  /**
   * @param volumes in the order of mounting
   * @param data the member's data path within them, while they are mounted aside
   */
  record Fresh(List<String> volumes, Path data) {
    public Fresh {
      volumes = List.copyOf(volumes);
    }
  }

  SnapshotType type();

  /** The agent is configured to exchange this member's volumes. */
  boolean serves(String member);

  /** Where a restore's state is kept: on none of the volumes that are exchanged. */
  Path stateDirectory(String member);

  /**
   * The volumes in the live places now, in the order of mounting; empty text where nothing is
   * mounted.
   *
   * <p>Errors: AGENT_REFUSED, VOLUME_UNSUITABLE (a place that holds no volume, or several),
   * PROVIDER_*.
   */
  List<String> live(String member);

  /** Errors: PROVIDER_DENIED if the agent may not do what an exchange takes. */
  void requireAllowed(String member, List<String> live);

  /**
   * Says which volumes will take whose places, after looking whether they can: roles, free devices,
   * permissions. Changes nothing.
   *
   * <p>Errors: those of {@link #open}.
   *
   * @param live what {@link #live} answered
   */
  List<String> plan(StageRequest request, List<String> live);

  /**
   * Makes volumes of the snapshots, like the live ones where the configuration does not say
   * otherwise, attaches them to this machine and mounts them aside.
   *
   * <p>Errors: those of {@link SnapshotContent#open}.
   */
  Fresh open(StageRequest request, List<String> live, Runnable alive);

  /** Unmounts what {@link #open} mounted; the volumes stay attached. */
  void closeAside(String member, Runnable alive);

  /** Unmounts whatever is in the live places, the last mounted first. */
  void unmount(String member, Runnable alive);

  /**
   * Mounts these volumes in the live places and checks that they, and no others, are there.
   *
   * <p>Errors: AGENT_REFUSED.
   */
  void mount(String member, List<String> volumes, Runnable alive);

  /** Detaches and deletes what was made for the restore. Errors: AGENT_REFUSED if it is live. */
  void discard(String restore, String member, Runnable alive);

  /** Detaches replaced volumes, and deletes them if the configuration says so. */
  void release(String member, List<String> volumes, Runnable alive);
}
