package io.stillpoint.backup;

import io.stillpoint.activity.CursorActivities.CopiedRequest;
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
import java.util.Optional;

/** Keeps the cursors of one attempt alive, and knows whether one was lost. */
final class CursorWatch {

  private static final String FINISHED = "the copy is finished";

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
    decide(
        () ->
            BriefStep.run(
                stubs.briefSteps(),
                () -> stubs.provingBriefly().prove(cursors),
                () -> stubs.proving().prove(cursors)));
  }

  /**
   * Proves the cursors after the last copy, then closes them.
   *
   * @return the sets whose cursor was gone when it was to be closed
   */
  List<String> close(List<BackupCursor> cursors) {
    prove(cursors);
    end(FINISHED);
    return stubs.closing().close(cursors);
  }

  /**
   * As {@link #close}, within the workflow's task if that takes moments. Such a task may die after
   * the close, and the keepers, or the next task, find the cursors gone: so the proof is recorded
   * before, and it decides, not what keepers tell. A proof that takes longer is in the history
   * before anything is closed.
   */
  List<String> closeBriefly(CopiedRequest copied) {
    Optional<List<String>> gone =
        BriefStep.run(
            true,
            () -> Optional.of(stubs.finishingBriefly().finish(copied)),
            () -> {
              throwIfLost();
              decide(() -> stubs.proving().proveCopied(copied));
              return Optional.empty();
            });
    end(FINISHED);
    // The first try may have closed some, so nothing is said of what is gone.
    return gone.orElseGet(
        () -> {
          stubs.closing().close(copied.cursors());
          return List.of();
        });
  }

  private void decide(Runnable proof) {
    Promise<Void> proving = Async.procedure(proof::run);
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

  /** What the keepers tell from now on says nothing any more. */
  void end(String reason) {
    over = true;
    keepers.forEach(k -> k.cancel(reason));
  }
}
