package io.stillpoint.cli;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.policy.Inputs;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestoreDescription.MemberDescription;
import io.stillpoint.restore.RestorePhase;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.restore.RestoreResult;
import io.stillpoint.restore.SnapshotRestoreWorkflow;
import io.temporal.workflow.Workflow;
import java.util.List;
import java.util.Optional;

/** A restore without a database: it waits for its confirmation, then is done. */
public final class FakeRestore implements SnapshotRestoreWorkflow {
  private static final List<String> PLAN = List.of("db1:27017 gets the data of rs0");

  /** The name of a restore that can say nothing about itself. */
  static final String MUTE = "mute";

  private RestoreRequest request;
  private RestorePhase phase = RestorePhase.PLANNING;
  private boolean confirmed;
  private String aborted = "";

  @Override
  public RestoreResult run(Object typed) {
    RestoreRequest input = Inputs.read(typed, RestoreRequest.class, "the input", "{}");
    request = input;
    if (input.dryRun()) {
      return result(false);
    }
    phase = RestorePhase.AWAITING_CONFIRMATION;
    Workflow.await(() -> confirmed || !aborted.isEmpty());
    phase = RestorePhase.ENDED;
    if (!aborted.isEmpty()) {
      throw Failures.of(ErrorCode.CANCELLED, "restore was aborted: " + aborted, "");
    }
    return result(true);
  }

  private RestoreResult result(boolean done) {
    return new RestoreResult(
        request.restore().orElseThrow(),
        request.backup(),
        done ? Optional.of(FakeBackup.POINT) : Optional.empty(),
        PLAN,
        2_000);
  }

  @Override
  public String confirm(Object cluster) {
    confirmed = true;
    return "confirmed for " + cluster;
  }

  @Override
  public void validateConfirm(Object cluster) {
    if (!cluster.equals(request.cluster().orElse("shop"))) {
      throw Failures.of(ErrorCode.RESTORE_NOT_CONFIRMED, "that is another cluster", "type shop");
    }
  }

  @Override
  public void copyFinished(Object message) {}

  @Override
  public String finishCopy(Object member) {
    return "taken";
  }

  @Override
  public void validateFinishCopy(Object member) {
    throw Failures.of(ErrorCode.NOT_WAITING, "nothing waits for files", "");
  }

  @Override
  public String abort(Object reason) {
    aborted = Inputs.text(reason, "reason", "the reason");
    return "restore is being given up";
  }

  @Override
  public void validateAbort(Object reason) {}

  @Override
  public RestoreDescription describe() {
    if (request.restore().equals(Optional.of(MUTE))) {
      throw new IllegalStateException("event of an unexpected type");
    }
    return new RestoreDescription(
        request.restore().orElseThrow(),
        request.backup(),
        request.cluster().orElse("shop"),
        request.cluster().isPresent(),
        request.manualCopy().orElse(false),
        OperationStatus.RUNNING,
        phase,
        Optional.of(FakeBackup.POINT),
        PLAN,
        List.of(
            new MemberDescription(
                "rs0", "db1:27017", "rs0", "staged", "/data/db/.stillpoint/r/stage", true)),
        List.of("a note"),
        "");
  }
}
