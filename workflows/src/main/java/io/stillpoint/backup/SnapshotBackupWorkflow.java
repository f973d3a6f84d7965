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

  @WorkflowMethod(name = "SnapshotBackupWorkflow")
  BackupResult run(BackupRequest request);

  /**
   * For snapshot tools: the copy is made. Input as {@link CopyFinished}, or none for all sets. An
   * early, late, double or malformed signal changes nothing and leaves a note.
   */
  @SignalMethod
  void copyFinished(Object message);

  /** A worker adopted a cursor after its first holder went silent. */
  @SignalMethod
  void cursorAdopted(String set, String holder);

  /** For people: as {@link #copyFinished}, but checked first and answered. */
  @UpdateMethod
  String finishCopy(CopyFinished message);

  @UpdateValidatorMethod(updateName = "finishCopy")
  void validateFinishCopy(CopyFinished message);

  /** Gives the backup up: closes the cursors, deletes what was cut, ends as CANCELLED. */
  @UpdateMethod
  String abort(String reason);

  @UpdateValidatorMethod(updateName = "abort")
  void validateAbort(String reason);

  @QueryMethod
  BackupDescription describe();
}
