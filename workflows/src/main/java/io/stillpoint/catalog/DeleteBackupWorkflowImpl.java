package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.lock.ClusterLock;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.stillpoint.policy.Parallel;
import io.stillpoint.policy.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;

/**
 * Snapshots first: a manifest without them would be a lie, snapshots without it are found again.
 */
public final class DeleteBackupWorkflowImpl implements DeleteBackupWorkflow {

  @Override
  public String delete(Object typed) {
    String backup = Inputs.name(typed, "backup", "the backup's name");
    CatalogActivities catalog =
        Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("the manifest of " + backup));
    Manifest manifest = catalog.read(backup, false);
    ClusterLock lock = ClusterLock.acquire(manifest.cluster());
    try {
      if (manifest.type().automatic()) {
        Parallel.forEach(manifest.sets(), set -> discard(manifest, set));
      }
      catalog.delete(backup);
    } finally {
      lock.release();
    }
    return "backup '%s' and its snapshots are deleted".formatted(backup);
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
