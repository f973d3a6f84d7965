package io.stillpoint.activities;

import io.stillpoint.activity.InventoryActivities.Orphan;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Inventories;
import io.stillpoint.cloud.SnapshotInventory;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.SnapshotRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells the snapshots that belong to a backup from those that do not. In doubt a snapshot is
 * spared: a complete backup whose manifest is gone was not deleted (that takes the snapshots
 * first), its catalog was lost.
 */
final class Orphans {

  private final BackupCatalog catalog;
  private final boolean held;
  private final List<Found> found = new ArrayList<>();
  private final List<String> spared = new ArrayList<>();

  record Found(Orphan orphan, SnapshotInventory inventory, FoundSnapshot snapshot) {}

  /**
   * @param held the caller holds the cluster, so that what is RUNNING runs no more
   */
  Orphans(BackupCatalog catalog, boolean held) {
    this.catalog = catalog;
    this.held = held;
  }

  List<Found> found() {
    return found;
  }

  /** One sentence for each backup that is in doubt. */
  List<String> spared() {
    return spared;
  }

  void examine(SnapshotInventory inventory, String cluster) {
    Inventories.byBackup(inventory.inventory(cluster))
        .forEach((backup, snapshots) -> examine(inventory, backup, snapshots));
  }

  private void examine(SnapshotInventory inventory, String backup, List<FoundSnapshot> snapshots) {
    Optional<Manifest> manifest;
    try {
      manifest = catalog.find(backup);
    } catch (StillpointException e) {
      switch (e.code()) {
        case MANIFEST_DAMAGED, MANIFEST_VERSION -> {
          spared.add("%s: its manifest cannot be read".formatted(backup));
          return;
        }
        default -> throw e;
      }
    }
    if (manifest.isEmpty()) {
      examineUnknown(inventory, backup, snapshots);
      return;
    }
    switch (manifest.get().status()) {
      case RUNNING -> {
        if (held) {
          add(inventory, snapshots, "its backup was never finished");
        } else {
          spared.add("%s: it is running, or its end was never recorded".formatted(backup));
        }
      }
      case FAILED, CANCELLED ->
          add(inventory, snapshots, "its backup ended as " + manifest.get().status());
      case COMPLETED, DELETING -> {
        List<String> recorded =
            manifest.get().sets().stream()
                .flatMap(set -> set.snapshots().stream())
                .flatMap(SnapshotRef::ids)
                .toList();
        add(
            inventory,
            snapshots.stream().filter(s -> !recorded.contains(s.ref().id())).toList(),
            "its backup has recorded another one");
      }
    }
  }

  private void examineUnknown(
      SnapshotInventory inventory, String backup, List<FoundSnapshot> snapshots) {
    if (snapshots.stream().anyMatch(s -> s.inscription().isPresent())) {
      spared.add(
          "%s: the catalog has no manifest, but the snapshots carry one: stillpoint catalog rebuild"
              .formatted(backup));
    } else {
      add(inventory, snapshots, "the catalog knows no such backup");
    }
  }

  private void add(SnapshotInventory inventory, List<FoundSnapshot> snapshots, String why) {
    for (FoundSnapshot s : snapshots) {
      found.add(
          new Found(
              new Orphan(
                  inventory.type(),
                  s.ref().id(),
                  s.identity().backup(),
                  s.identity().set(),
                  s.identity().attempt(),
                  s.ref().volume(),
                  s.startedAt(),
                  s.ref().bytes(),
                  why,
                  Orphan.SNAPSHOT),
              inventory,
              s));
    }
  }
}
