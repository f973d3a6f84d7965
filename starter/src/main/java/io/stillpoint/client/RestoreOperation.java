package io.stillpoint.client;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestoreResult;
import io.temporal.common.converter.DataConverter;
import java.time.Duration;
import java.util.Optional;

/** One restore that was started: every method asks Temporal anew and may be called at any time. */
public final class RestoreOperation implements Operation {
  private final String name;
  private final WorkflowHandle workflow;
  private final DataConverter converter;

  RestoreOperation(String name, WorkflowHandle workflow, DataConverter converter) {
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

  /** Needs a worker, also when the restore has ended. */
  public RestoreDescription describe() {
    return workflow.query("describe", RestoreDescription.class);
  }

  @Override
  public PendingWork pending() {
    return PendingActivities.of(workflow.description(), converter);
  }

  /**
   * Agrees that the cluster's data will be replaced.
   *
   * @param cluster the target's name; any other is refused
   */
  public String confirm(String cluster) {
    return workflow.update("confirm", ErrorCode.RESTORE_NOT_CONFIRMED, String.class, cluster);
  }

  /**
   * Says that the files are in the stage directories.
   *
   * @param member one member's address; empty means all
   */
  public String finishCopy(String member) {
    return workflow.update("finishCopy", ErrorCode.NOT_WAITING, String.class, member);
  }

  @Override
  public String abort(String reason) {
    return Aborts.abort(workflow, reason);
  }

  /**
   * The result, or nothing if the restore still runs after this time.
   *
   * @throws io.stillpoint.error.StillpointException with the restore's own code if it failed
   */
  public Optional<RestoreResult> await(Duration limit) {
    return workflow.await(limit, RestoreResult.class, RestoreResult.class);
  }
}
