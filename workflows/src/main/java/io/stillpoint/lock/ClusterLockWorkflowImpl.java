package io.stillpoint.lock;

import io.temporal.workflow.Workflow;

/** Waits for {@link #release()}, or for the cancellation by which the server ends it. */
public final class ClusterLockWorkflowImpl implements ClusterLockWorkflow {

  private boolean released;

  @Override
  public void hold(String owner) {
    Workflow.setCurrentDetails("held by `" + owner + "`");
    Workflow.await(() -> released);
  }

  @Override
  public void release() {
    released = true;
  }
}
