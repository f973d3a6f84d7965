package io.stillpoint.activities;

import io.stillpoint.activity.InventoryActivities.FoundBackup;
import io.stillpoint.activity.InventoryActivities.Outcome;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.SnapshotInventory;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.SnapshotRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Makes the manifest of one backup from what its snapshots say. */
final class Rebuilding {

  static final String LOST_LISTS =
      "rebuilt from its snapshots; the file lists are lost, so it can only be restored by volumes";

  private final BackupCatalog catalog;
  private final FileLists lists;

  Rebuilding(BackupCatalog catalog, FileLists lists) {
    this.catalog = catalog;
    this.lists = lists;
  }

  /**
   * @param snapshots all that the cloud holds of one backup
   */
  FoundBackup rebuild(SnapshotInventory inventory, List<FoundSnapshot> snapshots, boolean dryRun) {
    String backup = snapshots.get(0).identity().backup();
    Optional<String> known = known(backup);
    if (known.isPresent()) {
      return new FoundBackup(backup, inventory.type(), Outcome.KNOWN, known.get());
    }
    Map<String, Inscription> bySet = new TreeMap<>();
    snapshots.forEach(s -> s.inscription().ifPresent(i -> bySet.putIfAbsent(i.set().set(), i)));
    if (bySet.isEmpty()) {
      return incomplete(backup, inventory, "no snapshot carries a manifest: it never completed");
    }
    Manifest any = bySet.values().iterator().next().manifest();
    List<ManifestSet> sets = new ArrayList<>();
    for (String set : bySet.values().iterator().next().sets()) {
      Inscription inscription = bySet.get(set);
      if (inscription == null) {
        return incomplete(backup, inventory, "no snapshot of set %s is there".formatted(set));
      }
      for (SnapshotRef ref : inscription.set().snapshots()) {
        boolean ready =
            snapshots.stream()
                .anyMatch(s -> ref.ids().anyMatch(s.ref().id()::equals) && s.ref().ready());
        if (!ready) {
          return incomplete(
              backup, inventory, "snapshot %s of set %s is not there".formatted(ref.id(), set));
        }
      }
      sets.add(withList(backup, inscription.set()));
    }
    boolean lost = sets.stream().anyMatch(set -> set.files().lost());
    if (!dryRun && !catalog.adopt(any.with(sets, lost ? List.of(LOST_LISTS) : List.of()))) {
      return new FoundBackup(
          backup, inventory.type(), Outcome.KNOWN, "somebody else has just recorded it");
    }
    return new FoundBackup(
        backup,
        inventory.type(),
        Outcome.REBUILT,
        "%d sets, point %s%s"
            .formatted(
                sets.size(),
                any.consistentPoint().orElseThrow(),
                lost ? "; file lists lost" : "; file lists found"));
  }

  /** Why a catalog's own record is left alone; empty if it has none. */
  private Optional<String> known(String backup) {
    try {
      return catalog.find(backup).map(manifest -> "its manifest says " + manifest.status());
    } catch (StillpointException e) {
      return switch (e.code()) {
        case MANIFEST_DAMAGED, MANIFEST_VERSION ->
            Optional.of("its manifest cannot be read; move it away first: " + e.getMessage());
        default -> throw e;
      };
    }
  }

  private ManifestSet withList(String backup, ManifestSet set) {
    try {
      lists.verify(backup, set.files());
      return set;
    } catch (StillpointException e) {
      if (e.code() != ErrorCode.FILE_LIST_DAMAGED) {
        throw e;
      }
      return set.withoutFileList();
    }
  }

  private static FoundBackup incomplete(String backup, SnapshotInventory inventory, String why) {
    return new FoundBackup(backup, inventory.type(), Outcome.INCOMPLETE, why);
  }
}
