package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.workflow.Workflow;
import java.util.List;

/** One activity. */
public final class ListFilesWorkflowImpl implements ListFilesWorkflow {

  private static final String EXAMPLE = "{\"backup\":\"NAME\",\"set\":\"NAME\"}";
  private static final int MAX = 400;

  @Override
  public List<String> files(Object typed) {
    FilesRequest request = Inputs.read(typed, FilesRequest.class, "the input", EXAMPLE);
    if (request == null || request.backup() == null || request.set() == null) {
      throw Failures.of(
          ErrorCode.BAD_INPUT, "the input lacks 'backup' or 'set'", "a right one is: " + EXAMPLE);
    }
    int limit = Math.max(1, Math.min(MAX, request.limit()));
    return Workflow.newActivityStub(
            CatalogActivities.class, ActivityPolicies.catalog("read a page of the file list"))
        .files(request.backup(), request.set(), Math.max(0, request.offset()), limit);
  }
}
