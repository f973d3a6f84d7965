package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.lock.ClusterLock;
import io.stillpoint.model.Manifest;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.workflow.Workflow;

/** Takes the right to delete, then {@linkplain BackupRemoval removes} the backup. */
public final class DeleteBackupWorkflowImpl implements DeleteBackupWorkflow {

  @Override
  public String delete(Object typed) {
    String backup = Inputs.name(typed, "backup", "the backup's name");
    CatalogActivities catalog =
        Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("the manifest of " + backup));
    Manifest manifest = catalog.read(backup, false);
    ClusterLock lock = ClusterLock.acquireDeletions(manifest.cluster());
    try {
      BackupRemoval.remove(backup);
    } finally {
      lock.release();
    }
    return manifest.type().automatic()
        ? "backup '%s' and its snapshots are deleted".formatted(backup)
        : "the record of backup '%s' is deleted; its snapshots, made by hand, are left alone"
            .formatted(backup);
  }
}
