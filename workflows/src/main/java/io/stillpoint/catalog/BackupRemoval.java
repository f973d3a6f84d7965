package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Parallel;
import io.stillpoint.policy.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;

/**
 * Deletes one backup, in an order that may end anywhere: first the manifest says DELETING, so that
 * nobody takes the backup for a good one; then the snapshots go; the manifest, which names them,
 * goes last. Repeating it finishes what was begun. The caller holds the cluster's lock on
 * deletions.
 */
public final class BackupRemoval {

  private BackupRemoval() {}

  /** Errors: BACKUP_UNKNOWN, BACKUP_IN_USE, BACKUP_NOT_COMPLETE, and those of the provider. */
  public static void remove(String backup) {
    CatalogActivities catalog =
        Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("the manifest of " + backup));
    Manifest manifest = catalog.beginDelete(backup);
    if (manifest.type().automatic()) {
      Parallel.forEach(manifest.sets(), set -> discard(manifest, set));
    }
    catalog.delete(backup);
  }

  private static void discard(Manifest manifest, ManifestSet set) {
    String queue =
        manifest.type().cutByAgent() ? TaskQueues.node(set.member()) : TaskQueues.CONTROL;
    ActivityOptions options =
        ActivityPolicies.delete("delete the snapshots of " + set.set(), queue);
    Workflow.newActivityStub(SnapshotActivities.class, options)
        .discard(manifest.cluster(), manifest.backup(), set.snapshots());
  }
}
