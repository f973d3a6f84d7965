package io.stillpoint.activities;

import io.stillpoint.activity.InventoryActivities;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.Inventories;
import io.stillpoint.cloud.SnapshotInventory;
import io.stillpoint.cloud.VolumeInventory;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.SnapshotRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The clouds' snapshots held against the catalog, as activities. */
public final class InventoryActivitiesImpl implements InventoryActivities {

  /** A payload is to stay far below its limit. */
  private static final int MOST = 150;

  private final BackupCatalog catalog;
  private final FileLists lists;
  private final List<SnapshotInventory> inventories;
  private final List<VolumeInventory> volumes;
  private final OperationLink link;

  public InventoryActivitiesImpl(
      BackupCatalog catalog,
      FileLists lists,
      Collection<SnapshotInventory> inventories,
      Collection<VolumeInventory> volumes,
      OperationLink link) {
    this.volumes = List.copyOf(volumes);
    this.link = link;
    this.catalog = catalog;
    this.lists = lists;
    this.inventories = List.copyOf(inventories);
  }

  @Override
  public void inscribe(String backup) {
    BackgroundHeartbeat.during(
        () -> {
          Manifest manifest = catalog.read(backup);
          for (ManifestSet set : manifest.sets()) {
            for (SnapshotRef snapshot : set.snapshots()) {
              of(snapshot).inscribe(snapshot, Inscription.of(manifest, set));
            }
          }
        });
  }

  @Override
  public void requireRestorable(String backup) {
    BackgroundHeartbeat.during(
        () ->
            catalog.read(backup).sets().stream()
                .flatMap(set -> set.snapshots().stream())
                .forEach(snapshot -> of(snapshot).requireRestorable(backup, snapshot)));
  }

  @Override
  public RebuildReport rebuild(String cluster, boolean dryRun) {
    return BackgroundHeartbeat.during(
        () -> {
          List<FoundBackup> found = new ArrayList<>();
          for (SnapshotInventory inventory : configured()) {
            Map<String, List<FoundSnapshot>> backups =
                Inventories.byBackup(inventory.inventory(cluster));
            backups.forEach(
                (backup, snapshots) ->
                    found.add(
                        new Rebuilding(catalog, lists).rebuild(inventory, snapshots, dryRun)));
          }
          return new RebuildReport(
              found.stream().limit(MOST).toList(), Math.max(0, found.size() - MOST));
        });
  }

  @Override
  public OrphanReport orphans(String cluster, boolean held) {
    return BackgroundHeartbeat.during(
        () -> {
          Orphans orphans = new Orphans(catalog, held);
          configured().forEach(inventory -> orphans.examine(inventory, cluster));
          OrphanVolumes others = orphanVolumes(cluster);
          List<Orphan> found =
              Stream.concat(
                      orphans.found().stream().map(Orphans.Found::orphan),
                      others.found().stream().map(OrphanVolumes.Found::orphan))
                  .toList();
          return new OrphanReport(
              found.stream().limit(MOST).toList(),
              Math.max(0, found.size() - MOST),
              Stream.concat(orphans.spared().stream(), others.spared().stream())
                  .limit(MOST)
                  .toList());
        });
  }

  @Override
  public List<String> removeOrphans(String cluster, List<String> ids) {
    return BackgroundHeartbeat.during(
        () -> {
          Orphans orphans = new Orphans(catalog, true);
          configured().forEach(inventory -> orphans.examine(inventory, cluster));
          List<String> removed = new ArrayList<>();
          for (Orphans.Found found : orphans.found()) {
            if (ids.contains(found.orphan().id())) {
              found.inventory().remove(found.snapshot());
              removed.add(found.orphan().id());
            }
          }
          for (OrphanVolumes.Found found : orphanVolumes(cluster).found()) {
            if (ids.contains(found.orphan().id())) {
              found.inventory().remove(found.volume());
              removed.add(found.orphan().id());
            }
          }
          return removed;
        });
  }

  private OrphanVolumes orphanVolumes(String cluster) {
    OrphanVolumes orphans = new OrphanVolumes(link);
    volumes.forEach(inventory -> orphans.examine(inventory, cluster));
    return orphans;
  }

  private List<SnapshotInventory> configured() {
    if (inventories.isEmpty()) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "no cloud is configured on this worker, so there are no snapshots to look through",
          "configure ebs or gce on the control workers; see docs/configuration.md");
    }
    return inventories;
  }

  private SnapshotInventory of(SnapshotRef snapshot) {
    return inventories.stream()
        .filter(i -> i.type() == snapshot.provider())
        .findFirst()
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "this worker is not configured for snapshots of type "
                        + snapshot.provider().word(),
                    "configure the type on all control workers"));
  }
}
