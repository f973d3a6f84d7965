package io.stillpoint.check;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Asks whether the control workers' configuration has a cluster; looks at no server. */
@WorkflowInterface
public interface RequireClusterWorkflow {

  /**
   * Fails with CLUSTER_UNKNOWN.
   *
   * @param cluster the name, as a text
   * @return the name
   */
  @WorkflowMethod(name = "RequireClusterWorkflow")
  String require(Object cluster);
}
