package io.stillpoint.client;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestorePhase;
import io.stillpoint.restore.RestoreResult;
import io.temporal.common.converter.DataConverter;
import java.time.Duration;
import java.util.List;
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

  /**
   * Needs a worker, also when the restore has ended. Of one that was terminated it tells what
   * Temporal knows, if no worker can tell more.
   */
  public RestoreDescription describe() {
    RestoreDescription now;
    try {
      now = workflow.query("describe", RestoreDescription.class);
    } catch (StillpointException e) {
      if (e.code() != ErrorCode.INTERNAL && e.code() != ErrorCode.NO_WORKER) {
        throw e;
      }
      return workflow.termination().map(this::known).orElseThrow(() -> e);
    }
    // A terminated workflow never learns that it was, so that it answers as if it still ran.
    return now.status().isFinal()
        ? now
        : workflow.termination().map(t -> terminated(now, t)).orElse(now);
  }

  private RestoreDescription terminated(RestoreDescription then, Termination end) {
    return new RestoreDescription(
        then.restore(),
        then.backup(),
        then.cluster(),
        then.foreign(),
        then.manualCopy(),
        OperationStatus.CANCELLED,
        then.phase(),
        then.consistentPoint(),
        then.plan(),
        then.members(),
        then.notes(),
        failure(end, Optional.of(then.cluster()).filter(c -> !c.isEmpty())));
  }

  private RestoreDescription known(Termination end) {
    Optional<String> cluster = end.cluster().or(() -> end.typed("cluster"));
    return new RestoreDescription(
        name,
        end.typed("backup").orElse(""),
        cluster.orElse(""),
        false,
        false,
        OperationStatus.CANCELLED,
        end.phase().map(RestorePhase::valueOf).orElse(RestorePhase.ENDED),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        failure(end, cluster));
  }

  private String failure(Termination end, Optional<String> cluster) {
    String by = end.reason().isEmpty() ? "" : " (%s)".formatted(end.reason());
    StillpointException failure = ClientErrors.terminated(workflow.what() + by, cluster, null);
    return "%s: %s".formatted(failure.code(), failure.text());
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
   * @throws StillpointException with the restore's own code if it failed
   */
  public Optional<RestoreResult> await(Duration limit) {
    return workflow.await(limit, RestoreResult.class, RestoreResult.class);
  }
}
