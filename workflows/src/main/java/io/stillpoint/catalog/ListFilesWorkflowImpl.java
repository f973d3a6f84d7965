package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.policy.ActivityPolicies;
import io.temporal.workflow.Workflow;
import java.util.List;

/** One activity. */
public final class ListFilesWorkflowImpl implements ListFilesWorkflow {

  private static final int MAX = 400;

  @Override
  public List<String> files(FilesRequest request) {
    int limit = Math.max(1, Math.min(MAX, request.limit()));
    return Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("read a page of the file list"))
        .files(request.backup(), request.set(), Math.max(0, request.offset()), limit);
  }
}
