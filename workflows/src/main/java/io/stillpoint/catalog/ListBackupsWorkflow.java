package io.stillpoint.catalog;

import io.stillpoint.model.BackupSummary;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;
import java.util.Optional;

/**
 * {@code stillpoint list}: reads the catalog through a control worker, with or without visibility.
 */
@WorkflowInterface
public interface ListBackupsWorkflow {

  /**
   * @param cluster absent means all
   * @param limit at most 200
   */
  record ListRequest(Optional<String> cluster, int limit) {}

  @WorkflowMethod(name = "ListBackupsWorkflow")
  List<BackupSummary> list(Object request);
}
