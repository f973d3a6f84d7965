package io.stillpoint.client;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.error.ErrorCode;
import io.temporal.common.converter.DataConverter;
import java.time.Duration;
import java.util.Optional;

/** One backup that was started: every method asks Temporal anew and may be called at any time. */
public final class BackupOperation implements Operation {
  private final String name;
  private final WorkflowHandle workflow;
  private final DataConverter converter;

  BackupOperation(String name, WorkflowHandle workflow, DataConverter converter) {
    this.name = name;
    this.workflow = workflow;
    this.converter = converter;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isRunning() {
    return workflow.isRunning();
  }

  @Override
  public void awaitPickedUp() {
    workflow.awaitPickedUp();
  }

  /** Needs a worker, also when the backup has ended. */
  public BackupDescription describe() {
    return workflow.query("describe", BackupDescription.class);
  }

  @Override
  public PendingWork pending() {
    return PendingActivities.of(workflow.description(), converter);
  }

  /** Says that a copy made by a person is complete; refused when nothing waits for it. */
  public String finishCopy(CopyFinished message) {
    return workflow.update("finishCopy", ErrorCode.NOT_WAITING, String.class, message);
  }

  @Override
  public String abort(String reason) {
    return Aborts.abort(workflow, reason);
  }

  /**
   * The result, or nothing if the backup still runs after this time.
   *
   * @throws io.stillpoint.error.StillpointException with the backup's own code if it failed
   */
  public Optional<BackupResult> await(Duration limit) {
    return workflow.await(limit, BackupResult.class, BackupResult.class);
  }
}
