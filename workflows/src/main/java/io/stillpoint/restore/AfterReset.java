package io.stillpoint.restore;

import io.stillpoint.activity.RecoveryActivities.FirstRun;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.policy.Parallel;
import io.stillpoint.recover.Mending;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;

/**
 * How a restore ends whose workflow was reset. Its second run has done nothing to the members: what
 * counts is how the first one left them, which the catalog records.
 */
final class AfterReset {

  private AfterReset() {}

  /**
   * Ends the restore's state.
   *
   * @param why what stopped the second run
   * @return RECOVERY_NEEDED if the first run was neither verified nor undone, else OPERATION_RESET
   */
  static TemporalFailure end(RestoreState state, RestoreRequest request, TemporalFailure why) {
    FirstRun first;
    try {
      first = ask(state.backup, request);
    } catch (TemporalFailure unknown) {
      state.note("how the first run ended is not known: " + Failures.factOf(unknown));
      return failed(state, why);
    }
    if (state.cluster.isEmpty()) {
      state.cluster = first.cluster();
    }
    if (first.unfinished()) {
      return failed(
          state,
          Mending.needed(
              state.cluster,
              "restore '%s' of cluster '%s' was reset before it was verified or undone, so its second run did nothing"
                  .formatted(state.restore, state.cluster)));
    }
    if (first.completed()) {
      String fact =
          "restore '%s' had completed before its workflow was reset; its second run did nothing"
              .formatted(state.restore);
      state.note(fact);
      state.end(OperationStatus.COMPLETED, "");
      return Failures.of(
          ErrorCode.OPERATION_RESET,
          fact,
          "nothing to do: the restored data is as it was; to restore it again, start another restore");
    }
    return failed(
        state,
        Failures.of(
            ErrorCode.OPERATION_RESET,
            "restore '%s' was reset, so its second run did nothing; nothing of the first is half done"
                .formatted(state.restore),
            "start another restore; what else may be left shows: stillpoint recover --cluster %s --dry-run"
                .formatted(state.cluster)));
  }

  private static FirstRun ask(String backup, RestoreRequest request) {
    FirstRun[] first = new FirstRun[1];
    Parallel.detached(
        () ->
            first[0] =
                RestoreStubs.recovery("read how the first run left the cluster")
                    .afterReset(
                        backup,
                        request.cluster(),
                        Workflow.getInfo().getWorkflowId(),
                        Workflow.getInfo().getOriginalExecutionRunId()));
    return first[0];
  }

  private static TemporalFailure failed(RestoreState state, TemporalFailure failure) {
    state.end(
        OperationStatus.FAILED,
        "%s: %s".formatted(Failures.codeOf(failure), Failures.messageOf(failure)));
    return failure;
  }
}
