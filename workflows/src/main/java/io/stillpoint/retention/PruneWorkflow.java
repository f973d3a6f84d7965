package io.stillpoint.retention;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/** Deletes the backups of a cluster that its retention does not keep. */
@WorkflowInterface
public interface PruneWorkflow {

  /**
   * @param request a {@link PruneRequest}, or the same fields as a person types them
   */
  @WorkflowMethod(name = "PruneWorkflow")
  PruneResult prune(Object request);

  /** The decision on every backup, newest first; also after the end. Not part of the history. */
  @QueryMethod
  List<RetentionDecision> decisions();
}
