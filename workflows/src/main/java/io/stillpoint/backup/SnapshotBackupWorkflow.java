package io.stillpoint.backup;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Takes one consistent backup of a whole cluster. */
@WorkflowInterface
public interface SnapshotBackupWorkflow {

  /**
   * @param request a {@link BackupRequest}, or the same fields as a person types them; see {@link
   *     io.stillpoint.policy.Inputs}
   */
  @WorkflowMethod(name = "SnapshotBackupWorkflow")
  BackupResult run(Object request);

  /**
   * For snapshot tools: the copy is made. Input as {@link CopyFinished}, or none for all sets. An
   * early, late, double or malformed signal changes nothing and leaves a note.
   */
  @SignalMethod(
      description =
          "for snapshot tools: the copy is made; {\"set\":\"NAME\",\"snapshots\":[\"ID\"]}, or nothing"
              + " for all sets")
  void copyFinished(Object message);

  /** A worker adopted a cursor after its first holder went silent. */
  @SignalMethod(description = "sent by Stillpoint's workers only")
  void cursorAdopted(String set, String holder);

  /** For people: as {@link #copyFinished}, but checked first and answered. */
  @UpdateMethod(description = "the copy is made: {\"set\":\"NAME\"}, or nothing for all sets")
  String finishCopy(Object message);

  @UpdateValidatorMethod(updateName = "finishCopy")
  void validateFinishCopy(Object message);

  /**
   * Gives the backup up: closes the cursors, deletes what was cut, ends as CANCELLED.
   *
   * @param reason a text, or nothing
   */
  @UpdateMethod(description = "give the backup up: \"REASON\", or nothing")
  String abort(Object reason);

  @UpdateValidatorMethod(updateName = "abort")
  void validateAbort(Object reason);

  @QueryMethod(description = "how the backup stands, set by set")
  BackupDescription describe();
}
