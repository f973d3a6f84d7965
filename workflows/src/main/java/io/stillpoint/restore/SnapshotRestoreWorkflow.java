package io.stillpoint.restore;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Brings a whole cluster back to a backup's consistent point, or leaves it as it was. */
@WorkflowInterface
public interface SnapshotRestoreWorkflow {

  @WorkflowMethod(name = "SnapshotRestoreWorkflow")
  RestoreResult run(RestoreRequest request);

  /** The person typed the name of the cluster whose data will be replaced. */
  @UpdateMethod
  String confirm(String cluster);

  @UpdateValidatorMethod(updateName = "confirm")
  void validateConfirm(String cluster);

  /**
   * For snapshot tools: the files are in the stage directories. Input {@code
   * {"member":"host:port"}} or none for all members.
   */
  @SignalMethod
  void copyFinished(Object message);

  /** For people: as {@link #copyFinished}; an empty member means all. */
  @UpdateMethod
  String finishCopy(String member);

  @UpdateValidatorMethod(updateName = "finishCopy")
  void validateFinishCopy(String member);

  /** Gives the restore up: puts the old data back if it was moved, ends as CANCELLED. */
  @UpdateMethod
  String abort(String reason);

  @UpdateValidatorMethod(updateName = "abort")
  void validateAbort(String reason);

  @QueryMethod
  RestoreDescription describe();
}
