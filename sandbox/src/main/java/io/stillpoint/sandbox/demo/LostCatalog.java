package io.stillpoint.sandbox.demo;

import io.stillpoint.activity.InventoryActivities.RebuildReport;
import io.stillpoint.catalog.PruneOrphansWorkflow.OrphansResult;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.file.Path;

/** The catalog's record of a backup is deleted, and made anew from the cloud's snapshots alone. */
final class LostCatalog {

  private final Narrator narrator;
  private final StillpointClient client;

  LostCatalog(Narrator narrator, StillpointClient client) {
    this.narrator = narrator;
    this.client = client;
  }

  void loseAndRebuild(Path catalog, String backup) {
    narrator.chapter("The catalog is lost: deleting its record of " + backup);
    try {
      new GuardedDirectory(catalog).delete(catalog.resolve(backup));
    } catch (IOException e) {
      throw new DemoException("the catalog cannot be deleted: " + e);
    }
    OrphansResult orphans = client.orphans(DemoWorkers.CLUSTER, false);
    orphans.spared().forEach(narrator::detail);
    if (!orphans.orphans().isEmpty()) {
      throw new DemoException("a lost catalog made orphans of " + orphans.orphans());
    }
    RebuildReport rebuilt = client.rebuildCatalog(DemoWorkers.CLUSTER, false);
    rebuilt
        .backups()
        .forEach(b -> narrator.detail("%s: %s, %s".formatted(b.backup(), b.outcome(), b.why())));
  }
}
