package io.stillpoint.restore;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.time.Duration;
import java.util.List;

/** Keeps the data that a restore replaced for a while, then deletes it. */
@WorkflowInterface
public interface ReleaseOldDataWorkflow {

  record ReleaseRequest(String restore, List<String> members, Duration keepFor) {
    public ReleaseRequest {
      members = List.copyOf(members);
    }
  }

  @WorkflowMethod(name = "ReleaseOldDataWorkflow")
  void release(ReleaseRequest request);
}
