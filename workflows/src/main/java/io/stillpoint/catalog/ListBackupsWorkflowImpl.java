package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.workflow.Workflow;
import java.util.List;
import java.util.Optional;

/** One activity. */
public final class ListBackupsWorkflowImpl implements ListBackupsWorkflow {

  private static final String EXAMPLE = "{\"cluster\":\"NAME\"}";
  private static final int MAX = 200;

  @Override
  public List<BackupSummary> list(Object typed) {
    ListRequest request = Inputs.read(typed, ListRequest.class, "the input", EXAMPLE);
    Optional<String> cluster =
        request == null || request.cluster() == null ? Optional.empty() : request.cluster();
    int limit = request == null || request.limit() <= 0 ? MAX : Math.min(MAX, request.limit());
    return Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("list the backups"))
        .list(cluster, limit);
  }
}
