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

  /**
   * @param request a {@link RestoreRequest}, or the same fields as a person types them; see {@link
   *     io.stillpoint.policy.Inputs}
   */
  @WorkflowMethod(name = "SnapshotRestoreWorkflow")
  RestoreResult run(Object request);

  /** The person typed, as a text, the name of the cluster whose data will be replaced. */
  @UpdateMethod(description = "let the plan be carried out: the target cluster's name, in quotes")
  String confirm(Object cluster);

  @UpdateValidatorMethod(updateName = "confirm")
  void validateConfirm(Object cluster);

  /**
   * For snapshot tools: the files are in the stage directories. Input {@code
   * {"member":"host:port"}} or none for all members.
   */
  @SignalMethod(
      description =
          "for snapshot tools: the files are in the stage directories; {\"member\":\"HOST:PORT\"}, or"
              + " nothing for all")
  void copyFinished(Object message);

  /** For people: as {@link #copyFinished}, checked and answered; a text is a member too. */
  @UpdateMethod(
      description =
          "the files are in the stage directories: \"HOST:PORT\", or nothing for all members")
  String finishCopy(Object member);

  @UpdateValidatorMethod(updateName = "finishCopy")
  void validateFinishCopy(Object member);

  /** Gives the restore up: puts the old data back if it was moved, ends as CANCELLED. */
  @UpdateMethod(description = "give the restore up: \"REASON\", or nothing")
  String abort(Object reason);

  @UpdateValidatorMethod(updateName = "abort")
  void validateAbort(Object reason);

  @QueryMethod(description = "how the restore stands, member by member")
  RestoreDescription describe();
}
