package io.stillpoint.cloud;

import io.stillpoint.model.SnapshotType;
import java.util.List;

/** The volumes that restores made and that still exist in a cloud: to find orphans. */
public interface VolumeInventory {

  SnapshotType type();

  /** Those made from backups of this cluster, whichever cluster they were made for. */
  List<FoundVolume> volumes(String cluster);

  /**
   * Deletes one that {@link #volumes} listed; one that is gone is fine, and one that was attached
   * meanwhile is refused by the cloud.
   */
  void remove(FoundVolume orphan);
}
