package io.stillpoint.catalog;

import io.stillpoint.activity.InventoryActivities.Orphan;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/** Finds a cluster's snapshots that belong to no backup, and deletes them if told to. */
@WorkflowInterface
public interface PruneOrphansWorkflow {

  /**
   * @param delete only with this is anything deleted
   */
  record OrphansRequest(String cluster, boolean delete) {}

  /**
   * @param deleted ids of those that were deleted
   * @param more how many further ones there are, for another run
   * @param spared one sentence for each backup whose snapshots are not in the catalog but not
   *     orphans either
   */
  record OrphansResult(
      String cluster, List<Orphan> orphans, List<String> deleted, int more, List<String> spared) {
    public OrphansResult {
      orphans = List.copyOf(orphans);
      deleted = List.copyOf(deleted);
      spared = List.copyOf(spared);
    }
  }

  /**
   * @param request an {@link OrphansRequest}, or the same fields as a person types them
   */
  @WorkflowMethod(name = "PruneOrphansWorkflow")
  OrphansResult prune(Object request);
}
