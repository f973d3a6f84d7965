package io.stillpoint.cloud;

import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import java.util.List;

/** Everything of ours that a cloud holds, whatever the catalog knows: to find orphans. */
public interface SnapshotInventory {

  SnapshotType type();

  /** All snapshots of this cluster, of whichever backup. */
  List<FoundSnapshot> inventory(String cluster);

  /** Deletes one that {@link #inventory} listed; one that is gone is fine. */
  void remove(FoundSnapshot orphan);

  /**
   * Writes onto a snapshot what it is part of; {@link FoundSnapshot#inscription} reads it.
   * Idempotent.
   *
   * <p>Errors: SNAPSHOT_FAILED if even the slim form does not fit, PROVIDER_*.
   */
  void inscribe(SnapshotRef snapshot, Inscription inscription);

  /** Errors: SNAPSHOT_UNREACHABLE (gone, or archived), SNAPSHOT_INCOMPLETE, SNAPSHOT_FOREIGN. */
  void requireRestorable(String backup, SnapshotRef recorded);
}
