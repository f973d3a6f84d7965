package io.stillpoint.backup;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.lock.ClusterLock;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.BriefStep;
import io.stillpoint.policy.Inputs;
import io.stillpoint.policy.Parallel;
import io.stillpoint.policy.SearchAttributes;
import io.stillpoint.policy.ShortHistory;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.retention.ConfiguredRetention;
import io.stillpoint.retention.RetentionPolicy;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps of a backup, in order. What one attempt does is in {@link BackupAttempt}. */
public final class SnapshotBackupWorkflowImpl implements SnapshotBackupWorkflow {

  private final boolean searchAttributesRegistered;
  private final ConfiguredRetention configuredRetention;
  private final List<String> webhooks;
  private BackupPlanning planning;
  private BackupState state;
  private BackupStubs stubs;
  private CopyMessages messages;
  private CancellationScope main;
  private String abortReason = "";
  private int earlySignals;
  private Optional<RetentionPolicy> recordedRetention = Optional.empty();

  /**
   * @param searchAttributesRegistered whether the namespace knows our search attributes
   * @param configuredRetention used by requests that bring no retention of their own
   * @param webhooks names of those that are to hear of backups
   */
  public SnapshotBackupWorkflowImpl(
      boolean searchAttributesRegistered,
      ConfiguredRetention configuredRetention,
      List<String> webhooks) {
    this.searchAttributesRegistered = searchAttributesRegistered;
    this.configuredRetention = configuredRetention;
    this.webhooks = List.copyOf(webhooks);
  }

  @Override
  public BackupResult run(Object typed) {
    BackupRequest request =
        Inputs.read(typed, BackupRequest.class, "the backup's input", BackupInputs.EXAMPLE);
    begin(request);
    ClusterLock lock = ClusterLock.acquire(state.cluster);
    BackupResult[] result = new BackupResult[1];
    try {
      main = Workflow.newCancellationScope(() -> result[0] = operate(request));
      main.run();
    } catch (TemporalFailure e) {
      throw ended(e);
    } finally {
      if (!endsWithItsLock()) {
        lock.release();
      }
    }
    if (result[0].summary().isPresent()) {
      AppliedRetention.begin(
          configuredRetention.chosen(
              request.retention().or(() -> recordedRetention), state.cluster),
          state,
          stubs);
    }
    state.notices.settle();
    return result[0];
  }

  /** The server ends the lock with this workflow, unless that is still to wait for something. */
  private boolean endsWithItsLock() {
    return stubs.briefSteps() && state.notices.settled();
  }

  private void begin(BackupRequest request) {
    BackupInputs.requireUsable(request);
    String backup =
        request
            .backup()
            .or(() -> WorkflowIds.backupOfSchedule(Workflow.getInfo().getWorkflowId()))
            .orElseGet(
                () ->
                    WorkflowIds.backupName(
                        request.cluster(), Instant.ofEpochMilli(Workflow.currentTimeMillis())));
    SnapshotType type = request.type().orElse(SnapshotType.DIRECTORY);
    ShortHistory history = ShortHistory.begins();
    if (history.includes(ShortHistory.RECORDS)) {
      beginShort(request, backup, type, history);
    } else {
      state =
          new BackupState(
              backup,
              request.cluster(),
              type,
              SearchAttributes.begin(searchAttributesRegistered, request.cluster(), backup));
      if (!request.dryRun()) {
        state.notices = BackupNotices.begin(webhooks);
      }
      stubs = new BackupStubs(type, BackupInputs.copyDeadline(request), history);
    }
    messages = new CopyMessages(state, stubs.briefSteps());
    if (earlySignals > 0) {
      state.note("signals that came before the backup had begun were ignored: " + earlySignals);
    }
  }

  private void beginShort(
      BackupRequest request, String backup, SnapshotType type, ShortHistory history) {
    WorkerConfiguration worker =
        Workflow.sideEffect(
            WorkerConfiguration.class,
            () ->
                new WorkerConfiguration(
                    searchAttributesRegistered,
                    webhooks,
                    configuredRetention.of(request.cluster())));
    state =
        new BackupState(
            backup,
            request.cluster(),
            type,
            SearchAttributes.sparing(worker.searchAttributes(), request.cluster(), backup));
    if (!request.dryRun()) {
      state.notices = BackupNotices.to(worker.webhooks());
    }
    stubs = new BackupStubs(type, BackupInputs.copyDeadline(request), history);
    recordedRetention = Optional.of(worker.retention());
  }

  private BackupResult operate(BackupRequest request) {
    // Step 1: plan. Nothing is changed yet.
    state.enter(BackupPhase.PLANNING);
    planning = new BackupPlanning(state, stubs, request.members());
    planning.begin(request.dryRun());
    if (request.dryRun()) {
      state.end(OperationStatus.COMPLETED, "");
      return result(Optional.empty());
    }
    // Step 2: reserve the name.
    String owner = owner();
    try {
      // Within: a cancelled reservation may have been written all the same.
      reserve(new BeginRequest(state.backup, state.cluster, state.type, owner, request.tags()));
      // Step 3: prepare, copy, finish; again with new cursors if one was lost.
      BackupAttempt good = attempt(request);
      List<SnapshotRef> snapshots = ready(good);
      // Step 4: record.
      BackupSummary summary = record(owner, good, snapshots);
      inscribe();
      state.end(OperationStatus.COMPLETED, "");
      return result(Optional.of(summary));
    } catch (TemporalFailure e) {
      recordEnd(owner, e);
      throw e;
    }
  }

  private void reserve(BeginRequest name) {
    String summary = "reserve the name";
    BriefStep.run(
        stubs.seenWaiting(),
        () -> stubs.reservingBriefly(summary).begin(name),
        () -> stubs.reserving(summary).begin(name));
  }

  /** The backup is complete without it, but then only as long as its catalog lives. */
  private void inscribe() {
    if (!state.type.inCloud()) {
      return;
    }
    Parallel.detached(
        () -> {
          try {
            BriefStep.run(
                stubs.briefSteps(planning.plan().sets().size()),
                () -> stubs.inscribingBriefly().inscribe(state.backup),
                () -> stubs.inscribing().inscribe(state.backup));
          } catch (TemporalFailure e) {
            state.note(
                "the snapshots do not carry the manifest, so it cannot be rebuilt from them: "
                    + Failures.messageOf(e));
          }
        });
  }

  private BackupSummary record(String owner, BackupAttempt attempt, List<SnapshotRef> snapshots) {
    state.enter(BackupPhase.RECORDING);
    try {
      return stubs
          .completing()
          .complete(
              new CompleteRequest(
                  state.backup,
                  owner,
                  planning.topology().clusterId(),
                  planning.topology().sharded(),
                  state.attempt,
                  state.point.orElseThrow(),
                  state.cursorWindowMillis,
                  state.balancer,
                  snapshots,
                  warnings()));
    } catch (TemporalFailure e) {
      // The manifest may have been written; it must not promise snapshots that are then deleted.
      recordEnd(owner, e);
      undo(attempt);
      throw e;
    }
  }

  private BackupAttempt attempt(BackupRequest request) {
    int limit = BackupInputs.attempts(request);
    for (int number = 1; ; number++) {
      if (number > 1) {
        planning.again();
      }
      BackupAttempt attempt =
          new BackupAttempt(
              number,
              state,
              stubs,
              BackupInputs.copyDeadline(request),
              request.tags(),
              planning.topology().sharded(),
              planning.plan(),
              planning.volumes().placements());
      try {
        attempt.run();
        return attempt;
      } catch (TemporalFailure e) {
        // Before the undo, which may have to wait for the member that it is about.
        if (Failures.codeOf(e) != ErrorCode.CANCELLED) {
          state.note("attempt %d: %s".formatted(number, Failures.factOf(e)));
        }
        undo(attempt);
        if (Failures.codeOf(e) != ErrorCode.CURSOR_LOST) {
          throw e;
        }
        if (number >= limit) {
          throw Failures.of(
              ErrorCode.ATTEMPTS_EXHAUSTED,
              "a cursor was lost in each of %d attempts; the last: %s"
                  .formatted(number, Failures.messageOf(e)),
              "find out what closes cursors on the member (restarts, killCursors), then back up"
                  + " again");
        }
      }
    }
  }

  private List<SnapshotRef> ready(BackupAttempt attempt) {
    state.enter(BackupPhase.AWAITING_READY);
    try {
      List<SnapshotRef> ready = attempt.awaitReady();
      Map<String, String> copyTo = planning.volumes().copyTo();
      return copyTo.isEmpty() ? ready : attempt.copyElsewhere(copyTo);
    } catch (TemporalFailure e) {
      undo(attempt);
      throw e;
    }
  }

  private void undo(BackupAttempt attempt) {
    state.enter(BackupPhase.CLEANING_UP);
    Parallel.detached(() -> attempt.undo());
  }

  private void recordEnd(String owner, TemporalFailure e) {
    Parallel.detached(
        () -> {
          try {
            stubs
                .catalogCleanUp("record how the backup ended")
                .end(state.backup, owner, statusOf(e), reason(e));
          } catch (TemporalFailure unrecorded) {
            state.note("could not record the end: " + Failures.messageOf(unrecorded));
          }
        });
  }

  private TemporalFailure ended(TemporalFailure e) {
    state.end(statusOf(e), reason(e));
    state.notices.settle();
    if (!abortReason.isEmpty()) {
      return Failures.of(
          ErrorCode.CANCELLED,
          "backup '%s' was aborted: %s".formatted(state.backup, abortReason),
          "");
    }
    return e;
  }

  private static OperationStatus statusOf(TemporalFailure e) {
    return Failures.codeOf(e) == ErrorCode.CANCELLED
        ? OperationStatus.CANCELLED
        : OperationStatus.FAILED;
  }

  private String reason(TemporalFailure e) {
    if (!abortReason.isEmpty()) {
      return "aborted: " + abortReason;
    }
    // Who cancels in Temporal's UI gives no reason.
    String message = Failures.messageOf(e);
    return message.isBlank()
        ? Failures.codeOf(e).name()
        : "%s: %s".formatted(Failures.codeOf(e), message);
  }

  private BackupResult result(Optional<BackupSummary> summary) {
    return new BackupResult(
        state.backup,
        summary,
        planning.lines(),
        state.cursorWindowMillis,
        state.adoptions(),
        state.attempt);
  }

  private List<String> warnings() {
    List<String> all = new ArrayList<>(planning.plan().warnings());
    all.addAll(state.describe().notes().stream().filter(n -> !all.contains(n)).toList());
    return all;
  }

  private static String owner() {
    return Workflow.getInfo().getWorkflowId() + " " + Workflow.getInfo().getRunId();
  }

  @Override
  public void copyFinished(Object message) {
    if (messages == null) {
      earlySignals++;
    } else {
      messages.signalled(message);
    }
  }

  @Override
  public void cursorAdopted(String set, String holder) {
    if (state == null) {
      return;
    }
    state
        .set(set)
        .ifPresent(
            s -> {
              s.adoptions++;
              s.holder = holder;
              state.note("%s: %s adopted the cursor".formatted(set, holder));
            });
  }

  @Override
  public String finishCopy(Object message) {
    return messages.accept(CopyMessages.typed(message));
  }

  @Override
  public void validateFinishCopy(Object message) {
    CopyMessages.requireRunning(messages).validate(CopyMessages.typed(message));
  }

  @Override
  public String abort(Object typed) {
    String reason = Inputs.text(typed, "reason", "the reason");
    abortReason = reason.isBlank() ? "no reason given" : reason;
    state.note("giving up: " + abortReason);
    main.cancel(abortReason);
    return "backup '%s' is being given up; its cursors are closed%s"
        .formatted(
            state.backup,
            state.type == SnapshotType.MANUAL
                ? ", and copies that you made of it are worthless: delete them"
                : " and its copies deleted");
  }

  @Override
  public void validateAbort(Object reason) {
    Inputs.text(reason, "reason", "the reason");
    if (main == null || !abortReason.isEmpty() || state.phase() == BackupPhase.ENDED) {
      throw Failures.of(
          ErrorCode.NOT_WAITING,
          main == null
              ? "the backup has not begun yet"
              : "backup '%s' %s, so it cannot be given up"
                  .formatted(
                      state.backup,
                      abortReason.isEmpty()
                          ? "is in phase " + state.phase()
                          : "is being given up already (%s)".formatted(abortReason)),
          "look at it with: stillpoint describe-backup " + (state == null ? "" : state.backup));
    }
  }

  @Override
  public BackupDescription describe() {
    if (state == null) {
      throw new IllegalStateException("the backup has not begun yet");
    }
    return state.describe();
  }
}
