package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.model.Manifest;
import io.stillpoint.policy.ActivityPolicies;
import io.temporal.workflow.Workflow;

/** One activity. */
public final class DescribeBackupWorkflowImpl implements DescribeBackupWorkflow {

  @Override
  public Manifest describe(String backup) {
    return Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("read the manifest"))
        .read(backup, true);
  }
}
