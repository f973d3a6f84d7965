package io.stillpoint.activities;

import java.util.HashSet;
import java.util.Set;

/** Says which runs of workflows there are; whoever asks for more makes the test fail. */
final class RunningOperations implements OperationLink {

  /** Added to and removed from by the test. */
  final Set<String> workflowIds = new HashSet<>();

  /** Runs, as {@code id@run}. */
  final Set<String> completed = new HashSet<>();

  @Override
  public boolean isRunning(String workflowId, String runId) {
    return workflowIds.contains(workflowId) || workflowIds.contains(workflowId + "@" + runId);
  }

  @Override
  public boolean hasCompleted(String workflowId, String runId) {
    return completed.contains(workflowId + "@" + runId);
  }

  @Override
  public void cursorAdopted(String workflowId, String set, String holder) {
    throw new AssertionError("no cursor here");
  }

  @Override
  public String freeStaleLock(String cluster) {
    throw new AssertionError("no lock here");
  }
}
