package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.model.Manifest;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.workflow.Workflow;

/** One activity. */
public final class DescribeBackupWorkflowImpl implements DescribeBackupWorkflow {

  @Override
  public Manifest describe(Object typed) {
    String backup = Inputs.name(typed, "backup", "the backup's name");
    return Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("read the manifest"))
        .read(backup, true);
  }
}
