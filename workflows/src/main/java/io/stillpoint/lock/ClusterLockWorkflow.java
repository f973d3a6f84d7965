package io.stillpoint.lock;

import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Holds a cluster for one operation. It only waits; the server refuses a second one with the same
 * id, and ends it with its parent however that ends.
 */
@WorkflowInterface
public interface ClusterLockWorkflow {

  /**
   * @param owner workflow id of the operation, shown to whoever finds the cluster busy
   */
  @WorkflowMethod(name = "ClusterLockWorkflow")
  void hold(String owner);

  /** The operation is over; the cluster is free once this workflow has ended. */
  @SignalMethod
  void release();
}
