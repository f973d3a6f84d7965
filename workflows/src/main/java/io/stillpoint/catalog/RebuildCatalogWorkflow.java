package io.stillpoint.catalog;

import io.stillpoint.activity.InventoryActivities.RebuildReport;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Makes a cluster's manifests anew from what its snapshots in the clouds say of themselves. */
@WorkflowInterface
public interface RebuildCatalogWorkflow {

  record RebuildRequest(String cluster, boolean dryRun) {}

  /**
   * @param request a {@link RebuildRequest}, or the same fields as a person types them
   */
  @WorkflowMethod(name = "RebuildCatalogWorkflow")
  RebuildReport rebuild(Object request);
}
