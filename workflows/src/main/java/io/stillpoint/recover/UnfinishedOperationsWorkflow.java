package io.stillpoint.recover;

import io.stillpoint.activity.RecoveryActivities.Unfinished;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;
import java.util.Optional;

/** For {@code stillpoint status}: which clusters wait for {@code recover}. Changes nothing. */
@WorkflowInterface
public interface UnfinishedOperationsWorkflow {

  /**
   * @param cluster absent means all
   */
  record UnfinishedRequest(Optional<String> cluster) {}

  /**
   * @param request an {@link UnfinishedRequest}, or the same fields as a person types them
   */
  @WorkflowMethod(name = "UnfinishedOperationsWorkflow")
  List<Unfinished> unfinished(Object request);
}
