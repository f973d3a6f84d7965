package io.stillpoint.cloud;

import java.util.List;

/** Everything of ours that a cloud holds, whatever the catalog knows: to find orphans. */
public interface SnapshotInventory {

  /** All snapshots of this cluster, of whichever backup. */
  List<FoundSnapshot> inventory(String cluster);

  /** Deletes one that {@link #inventory} listed; one that is gone is fine. */
  void remove(FoundSnapshot orphan);
}
