package io.stillpoint.sandbox.demo;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.util.Map;
import java.util.TreeMap;

/** Asks Temporal which worker is busy with how many of a backup's activities of one kind. */
public final class BusyWorkers implements AutoCloseable {

  private final WorkflowServiceStubs stubs;

  public BusyWorkers(String temporal) {
    stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(temporal).build());
  }

  /** Number of cursors kept alive by worker identity. */
  public Map<String, Integer> keepingCursors(String workflowId) {
    return busy(workflowId, "CursorKeepAlive");
  }

  /** Number of cuts that have begun and not ended, by worker identity. */
  Map<String, Integer> cutting(String workflowId) {
    return busy(workflowId, "SnapshotCut");
  }

  private Map<String, Integer> busy(String workflowId, String kind) {
    Map<String, Integer> holders = new TreeMap<>();
    var description =
        stubs
            .blockingStub()
            .describeWorkflowExecution(
                DescribeWorkflowExecutionRequest.newBuilder()
                    .setNamespace("default")
                    .setExecution(WorkflowExecution.newBuilder().setWorkflowId(workflowId).build())
                    .build());
    for (PendingActivityInfo activity : description.getPendingActivitiesList()) {
      if (activity.getActivityType().getName().equals(kind)
          && !activity.getLastWorkerIdentity().isEmpty()) {
        holders.merge(activity.getLastWorkerIdentity(), 1, Integer::sum);
      }
    }
    return holders;
  }

  @Override
  public void close() {
    stubs.shutdownNow();
  }
}
