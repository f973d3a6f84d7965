package io.stillpoint.backup;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.policy.BriefStep;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;

/** Keeps the cursors of one attempt alive, and knows whether one was lost. */
final class CursorWatch {

  private final BackupStubs stubs;
  private final List<CancellationScope> keepers = new ArrayList<>();
  private TemporalFailure lost;
  private boolean over;

  CursorWatch(BackupStubs stubs) {
    this.stubs = stubs;
  }

  /**
   * @param cursors how many the attempt has
   */
  void keepAlive(SetProgress set, int cursors) {
    CancellationScope keeper =
        Workflow.newCancellationScope(
            () ->
                Async.procedure(stubs.keeping(set.plan, cursors)::keepAlive, set.openCursor())
                    .handle(
                        (ok, failure) -> {
                          if (failure instanceof TemporalFailure f && !over && lost == null) {
                            lost = f;
                          }
                          return null;
                        }));
    keepers.add(keeper);
    keeper.run();
  }

  boolean hasLost() {
    return lost != null;
  }

  void throwIfLost() {
    if (lost != null) {
      throw lost;
    }
  }

  /** A cursor that cannot be shown to live counts as lost: what was copied is not trusted. */
  void prove(List<BackupCursor> cursors) {
    Promise<Void> proving = Async.procedure(() -> proveAll(cursors));
    // The keeper of a dead member's cursor knows sooner than this one gives up; then it may run on.
    Workflow.await(() -> lost != null || proving.isCompleted());
    throwIfLost();
    try {
      proving.get();
    } catch (TemporalFailure e) {
      ErrorCode code = Failures.codeOf(e);
      if (code == ErrorCode.MONGO_UNREACHABLE || code == ErrorCode.MONGO_COMMAND_FAILED) {
        throw Failures.of(
            ErrorCode.CURSOR_LOST,
            "a backup cursor could not be proven to live: " + Failures.messageOf(e),
            "");
      }
      throw e;
    }
  }

  /** A success is in the history before anything that follows it can begin. */
  private void proveAll(List<BackupCursor> cursors) {
    BriefStep.run(
        stubs.briefSteps(),
        () -> stubs.provingBriefly().prove(cursors),
        () -> stubs.proving().prove(cursors));
  }

  /** What the keepers tell from now on says nothing any more. */
  void end(String reason) {
    over = true;
    keepers.forEach(k -> k.cancel(reason));
  }
}
