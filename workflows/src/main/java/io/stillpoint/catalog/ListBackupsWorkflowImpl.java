package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.policy.ActivityPolicies;
import io.temporal.workflow.Workflow;
import java.util.List;
import java.util.Optional;

/** One activity. */
public final class ListBackupsWorkflowImpl implements ListBackupsWorkflow {

  private static final int MAX = 200;

  @Override
  public List<BackupSummary> list(ListRequest request) {
    Optional<String> cluster = request.cluster() == null ? Optional.empty() : request.cluster();
    int limit = request.limit() <= 0 ? MAX : Math.min(MAX, request.limit());
    return Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("list the backups"))
        .list(cluster, limit);
  }
}
