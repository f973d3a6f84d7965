package io.stillpoint.catalog;

import io.stillpoint.activity.InventoryActivities;
import io.stillpoint.activity.InventoryActivities.Orphan;
import io.stillpoint.activity.InventoryActivities.OrphanReport;
import io.stillpoint.lock.ClusterLock;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.workflow.Workflow;
import java.util.List;

/** Looks without a lock, deletes under it: what a running backup has just cut is no orphan. */
public final class PruneOrphansWorkflowImpl implements PruneOrphansWorkflow {

  private static final String EXAMPLE = "{\"cluster\":\"NAME\",\"delete\":false}";

  @Override
  public OrphansResult prune(Object typed) {
    OrphansRequest request = Inputs.read(typed, OrphansRequest.class, "the input", EXAMPLE);
    String cluster =
        Inputs.name(request == null ? null : request.cluster(), "cluster", "the cluster's name");
    InventoryActivities inventory =
        Workflow.newActivityStub(
            InventoryActivities.class,
            ActivityPolicies.inventory("snapshots of " + cluster + " that belong to no backup"));
    if (!request.delete()) {
      return result(cluster, inventory.orphans(cluster, false), List.of());
    }
    ClusterLock lock = ClusterLock.acquire(cluster);
    try {
      OrphanReport found = inventory.orphans(cluster, true);
      List<String> ids = found.orphans().stream().map(Orphan::id).toList();
      return result(
          cluster, found, ids.isEmpty() ? List.of() : inventory.removeOrphans(cluster, ids));
    } finally {
      lock.release();
    }
  }

  private static OrphansResult result(String cluster, OrphanReport found, List<String> deleted) {
    return new OrphansResult(cluster, found.orphans(), deleted, found.more(), found.spared());
  }
}
