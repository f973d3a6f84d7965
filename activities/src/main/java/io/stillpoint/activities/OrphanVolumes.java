package io.stillpoint.activities;

import io.stillpoint.activity.InventoryActivities.Orphan;
import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.VolumeInventory;
import io.stillpoint.policy.WorkflowIds;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells the volumes of restores that nobody needs any more from those that hold, or may hold, a
 * member's live data. Only what can be proven is an orphan: attached to nothing, of a restore that
 * is over, and either made only to copy from or given up when a later restore took its place. A
 * volume that was made to take a live one's place may be the only copy there is of its member's
 * data, whatever has become of its machine.
 */
final class OrphanVolumes {

  private final OperationLink link;
  private final List<Found> found = new ArrayList<>();
  private final List<String> spared = new ArrayList<>();

  record Found(Orphan orphan, VolumeInventory inventory, FoundVolume volume) {}

  OrphanVolumes(OperationLink link) {
    this.link = link;
  }

  List<Found> found() {
    return found;
  }

  /** One sentence for each volume that a person has to judge. */
  List<String> spared() {
    return spared;
  }

  void examine(VolumeInventory inventory, String cluster) {
    for (FoundVolume volume : inventory.volumes(cluster)) {
      if (!link.isRunning(WorkflowIds.restore(volume.restore()), "")) {
        examine(inventory, volume);
      }
    }
  }

  private void examine(VolumeInventory inventory, FoundVolume volume) {
    boolean copiedFrom = volume.use().equals(FoundVolume.COPY);
    if (!volume.machine().isEmpty()) {
      if (copiedFrom) {
        spared.add(
            "%s: restore %s, which is over, only copied from it, but it is attached to %s: unmount and detach it there"
                .formatted(volume.id(), volume.restore(), volume.machine()));
      }
    } else if (copiedFrom) {
      add(inventory, volume, "restore %s copied from it, and is over".formatted(volume.restore()));
    } else if (volume.replaced()) {
      add(inventory, volume, "a later restore of %s replaced it".formatted(volume.member()));
    } else {
      spared.add(
          "%s: restore %s made it for %s, and nothing tells that it holds no live data: look at it, and delete it yourself"
              .formatted(volume.id(), volume.restore(), volume.member()));
    }
  }

  private void add(VolumeInventory inventory, FoundVolume volume, String why) {
    found.add(
        new Found(
            new Orphan(
                inventory.type(),
                volume.id(),
                volume.backup(),
                volume.member(),
                0,
                "",
                volume.createdAt(),
                volume.bytes(),
                why,
                Orphan.VOLUME),
            inventory,
            volume));
  }
}
