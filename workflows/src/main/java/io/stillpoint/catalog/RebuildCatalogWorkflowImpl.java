package io.stillpoint.catalog;

import io.stillpoint.activity.InventoryActivities;
import io.stillpoint.activity.InventoryActivities.RebuildReport;
import io.stillpoint.lock.ClusterLock;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.workflow.Workflow;

/** One activity under the cluster's locks; a dry run needs no lock. */
public final class RebuildCatalogWorkflowImpl implements RebuildCatalogWorkflow {

  private static final String EXAMPLE = "{\"cluster\":\"NAME\"}";

  @Override
  public RebuildReport rebuild(Object typed) {
    RebuildRequest request = Inputs.read(typed, RebuildRequest.class, "the input", EXAMPLE);
    String cluster =
        Inputs.name(request == null ? null : request.cluster(), "cluster", "the cluster's name");
    InventoryActivities inventory =
        Workflow.newActivityStub(
            InventoryActivities.class,
            ActivityPolicies.inventory("make manifests from the snapshots of " + cluster));
    if (request.dryRun()) {
      return inventory.rebuild(cluster, true);
    }
    ClusterLock lock = ClusterLock.acquire(cluster);
    try {
      // A manifest made of snapshots that are being deleted would come back without them.
      ClusterLock deletions = ClusterLock.acquireDeletions(cluster);
      try {
        return inventory.rebuild(cluster, false);
      } finally {
        deletions.release();
      }
    } finally {
      lock.release();
    }
  }
}
