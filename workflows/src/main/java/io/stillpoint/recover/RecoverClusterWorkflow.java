package io.stillpoint.recover;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/** {@code stillpoint recover}: finds and mends what operations left that could not clean up. */
@WorkflowInterface
public interface RecoverClusterWorkflow {

  /**
   * @param request a {@link RecoverClusterRequest}, or the same fields as a person types them
   */
  @WorkflowMethod(name = "RecoverClusterWorkflow")
  RecoverClusterResult recover(Object request);

  /** What was found so far. */
  @QueryMethod
  List<Finding> findings();
}
