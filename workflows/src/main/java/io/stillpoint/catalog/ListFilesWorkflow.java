package io.stillpoint.catalog;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/** {@code --list-files}: one page of the files to copy from one member. */
@WorkflowInterface
public interface ListFilesWorkflow {

  /**
   * @param limit at most 400, so that an answer stays far below Temporal's payload limit
   */
  record FilesRequest(String backup, String set, int offset, int limit) {}

  @WorkflowMethod(name = "ListFilesWorkflow")
  List<String> files(Object request);
}
