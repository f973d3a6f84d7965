package io.stillpoint.backup;

import io.stillpoint.activity.CursorActivities.CopiedRequest;
import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.Placement;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.plan.BackupPlan;
import io.stillpoint.policy.BriefStep;
import io.stillpoint.policy.Parallel;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One try at a backup with one set of cursors. A cursor that is lost before its copy is cut makes
 * the whole attempt worthless; the workflow then starts another.
 */
final class BackupAttempt {

  /** How often the point is taken anew because something began to move after the cursors opened. */
  private static final int MAX_POINTS = 10;

  private final int number;
  private final BackupState state;
  private final BackupStubs stubs;
  private final Duration copyDeadline;
  private final Map<String, String> tags;
  private final boolean sharded;
  private final Map<String, List<Placement>> placements;
  private final List<SetProgress> sets;
  private final List<Promise<Void>> describing = new ArrayList<>();
  private final List<Promise<Void>> cuts = new ArrayList<>();
  private final CursorWatch watch;

  BackupAttempt(
      int number,
      BackupState state,
      BackupStubs stubs,
      Duration copyDeadline,
      Map<String, String> tags,
      boolean sharded,
      BackupPlan plan,
      Map<String, List<Placement>> placements) {
    this.placements = placements;
    this.number = number;
    this.state = state;
    this.stubs = stubs;
    this.watch = new CursorWatch(stubs);
    this.copyDeadline = copyDeadline;
    this.tags = tags;
    this.sharded = sharded;
    this.sets =
        plan.sets().stream()
            .map(
                s ->
                    new SetProgress(
                        s,
                        new OpenRequest(
                            state.cluster,
                            state.backup,
                            number,
                            s.set(),
                            s.shardId(),
                            s.role(),
                            s.member())))
            .toList();
  }

  /** Runs the attempt until every snapshot is cut and every cursor closed. */
  void run() {
    state.begin(number, sets);
    Point point = prepare();
    state.enter(BackupPhase.COPYING);
    copy(point);
    state.enter(BackupPhase.FINISHING);
    finish();
  }

  private Point prepare() {
    // Without a balancer there is nothing to wait for but the cursors.
    state.enter(BackupPhase.PREPARING, stubs.briefSteps() && !sharded);
    // Step 1: nothing may move while the point is fixed.
    if (sharded) {
      // Saved before it is stopped, and where another operation finds it should this one be killed.
      state.balancer =
          stubs
              .balancerRecord("save the balancer's state")
              .save(state.cluster, Workflow.getInfo().getWorkflowId());
      stubs
          .balancerStop("stop the balancer")
          .stop(state.cluster, Workflow.getInfo().getWorkflowId());
      stubs.quiet("wait until nothing is in flight").awaitQuiet(state.cluster);
    }
    // Step 2: open all cursors at once; each is kept alive from its first moment.
    long before = Workflow.currentTimeMillis();
    inParallel(
        set -> {
          BackupCursor cursor = stubs.opening(set.plan).open(set.request);
          set.cursor = Optional.of(cursor);
          set.files = Optional.of(cursor.files());
          set.openedAtMillis = before;
          set.state = "cursor open";
          watch.keepAlive(set, sets.size());
        });
    // Step 3: one point for all, after the last cursor is open.
    Point point = fixPoint();
    state.fixed(point.time());
    // Step 4: every set reaches the point and hands out the journal up to it.
    inParallel(
        set -> {
          set.files =
              Optional.of(stubs.extending(set.plan).extend(set.request, set.openCursor(), point));
          set.cursor = Optional.of(set.openCursor().withFiles(set.files.get()));
          set.state = "ready to copy";
        });
    // Step 5: the point is fixed, so the balancer may run again while the copy goes on.
    if (sharded) {
      describing.add(
          Async.procedure(
              stubs.balancer("give the balancer its state back")::restore,
              state.cluster,
              Workflow.getInfo().getWorkflowId(),
              state.balancer));
    }
    for (SetProgress set : sets) {
      describing.add(Async.procedure(() -> describe(set, point)));
    }
    state.publish();
    return point;
  }

  /** Beside the copy if it takes longer; of many sets, it would hold their copies up. */
  private void describe(SetProgress set, Point point) {
    BriefStep.run(
        stubs.briefSteps(sets.size()),
        () -> stubs.describingBriefly(set.plan).describe(set.request, set.openCursor(), point),
        () -> stubs.describing(set.plan).describe(set.request, set.openCursor(), point));
  }

  private Point fixPoint() {
    for (int i = 0; i < MAX_POINTS; i++) {
      Point point = stubs.fixPoint(state.cluster, cursors());
      if (point.inFlight().isEmpty()) {
        return point;
      }
      state.note("waiting for " + String.join("; ", point.inFlight()));
      stubs.quiet("wait until nothing is in flight").awaitQuiet(state.cluster);
      watch.throwIfLost();
    }
    throw Failures.of(
        ErrorCode.CLUSTER_NOT_QUIET,
        "something new was in flight each of the %d times that the point was taken"
            .formatted(MAX_POINTS),
        "let migrations and schema changes come to rest, then start the backup again");
  }

  private void copy(Point point) {
    if (state.type == SnapshotType.MANUAL) {
      awaitPeople();
    } else {
      cutAll(point);
    }
  }

  private void cutAll(Point point) {
    TemporalFailure[] failed = new TemporalFailure[1];
    CancellationScope scope =
        Workflow.newCancellationScope(
            () -> {
              for (SetProgress set : sets) {
                set.state = "copying";
                cuts.add(Async.procedure(() -> cut(set, point, failed)));
              }
            });
    scope.run();
    Workflow.await(() -> watch.hasLost() || failed[0] != null || Parallel.allEnded(cuts));
    if (proofDecides(failed)) {
      return;
    }
    if (watch.hasLost() || failed[0] != null) {
      scope.cancel("the attempt is over");
    }
    watch.throwIfLost();
    if (failed[0] != null) {
      if (Failures.codeOf(failed[0]) != ErrorCode.CANCELLED) {
        // A member that went down took its cursor along, and its files changed under the copy.
        watch.prove(cursors());
      }
      throw failed[0];
    }
  }

  /**
   * What keepers tell after the last cut may be what a lost task did that had closed the cursors.
   */
  private boolean proofDecides(TemporalFailure[] failed) {
    if (!stubs.briefClose(sets.size())) {
      return false;
    }
    Parallel.letOthersRun();
    return failed[0] == null && Parallel.allEnded(cuts) && closesBriefly();
  }

  private void cut(SetProgress set, Point point, TemporalFailure[] failed) {
    try {
      CutRequest request =
          new CutRequest(
              state.type,
              state.cluster,
              state.backup,
              number,
              set.openCursor(),
              point.time(),
              tags,
              placements.getOrDefault(set.plan.set(), List.of()));
      set.snapshots = stubs.cutting(set.plan).cut(request);
      set.cut = true;
      set.ready = set.snapshots.stream().allMatch(SnapshotRef::ready);
      set.state = "cut";
      state.publish();
    } catch (TemporalFailure e) {
      TemporalFailure told = agentGone(set, e);
      if (failed[0] == null) {
        failed[0] = told;
      }
      throw told;
    }
  }

  private TemporalFailure agentGone(SetProgress set, TemporalFailure e) {
    return state.type.cutByAgent() ? Agents.gone(e, state.cluster, set.plan.member()) : e;
  }

  private void awaitPeople() {
    for (SetProgress set : sets) {
      set.state = "waiting for the copy";
    }
    state.publish();
    boolean inTime =
        Workflow.await(copyDeadline, () -> watch.hasLost() || sets.stream().allMatch(s -> s.cut));
    watch.throwIfLost();
    if (!inTime) {
      throw Failures.of(
          ErrorCode.COPY_TIMEOUT,
          "the copy of %s was not reported finished within %s"
              .formatted(
                  String.join(
                      ", ", sets.stream().filter(s -> !s.cut).map(s -> s.plan.set()).toList()),
                  copyDeadline),
          "start the backup again, with a longer --copy-deadline if copies take that long");
    }
  }

  /** Proves every cursor after the last cut, then closes all: nothing is held on the database. */
  private void finish() {
    CopiedRequest copied = new CopiedRequest(state.backup, number, cursors());
    for (String gone : closesBriefly() ? watch.closeBriefly(copied) : watch.close(cursors())) {
      state.note(
          "%s: the cursor was proven after the copy, but was gone when it was closed"
              .formatted(gone));
    }
    sets.forEach(s -> s.state = "cursor closed");
    long opened =
        sets.stream().mapToLong(s -> s.openedAtMillis).min().orElse(Workflow.currentTimeMillis());
    state.cursorWindowMillis = Workflow.currentTimeMillis() - opened;
    Parallel.join(describing);
  }

  /** Not if nothing is left to be waited for: the manifest is not written in the same breath. */
  private boolean closesBriefly() {
    return stubs.briefClose(sets.size()) && sets.stream().anyMatch(s -> !s.ready);
  }

  private List<BackupCursor> cursors() {
    return sets.stream().map(SetProgress::openCursor).toList();
  }

  /** Waits until every snapshot can be restored from; nothing is held on the database. */
  List<SnapshotRef> awaitReady() {
    List<SetProgress> pending = sets.stream().filter(s -> !s.ready).toList();
    Parallel.forEach(
        pending,
        set -> {
          set.state = "waiting for ready";
          try {
            set.snapshots = stubs.awaitingReady(set.plan).awaitReady(set.snapshots);
          } catch (TemporalFailure e) {
            throw agentGone(set, e);
          }
          set.ready = true;
          set.state = "ready";
          state.publish();
        });
    return sets.stream().flatMap(s -> s.snapshots.stream()).toList();
  }

  /**
   * Copies what is ready to another place. The backup is complete without: what fails is noted, and
   * only a cancellation ends it.
   *
   * @param places by set; absent or empty for sets that are not copied
   */
  List<SnapshotRef> copyElsewhere(Map<String, String> places) {
    List<SetProgress> copied =
        sets.stream().filter(s -> !places.getOrDefault(s.plan.set(), "").isEmpty()).toList();
    Parallel.forEach(
        copied,
        set -> {
          String place = places.get(set.plan.set());
          set.state = "copying to " + place;
          state.publish();
          try {
            set.snapshots = stubs.copyingElsewhere(set.plan, place).copyElsewhere(set.snapshots);
            set.state = "ready, also in " + place;
          } catch (TemporalFailure e) {
            if (Failures.codeOf(e) == ErrorCode.CANCELLED) {
              throw e;
            }
            set.state = "ready";
            state.note(
                "%s: its snapshots were not copied to %s: %s"
                    .formatted(set.plan.set(), place, Failures.factOf(e)));
          }
          state.publish();
        });
    return sets.stream().flatMap(s -> s.snapshots.stream()).toList();
  }

  /**
   * Takes back everything that this attempt may have done. Runs in a detached scope; every step is
   * tried even if another fails, and each failure is noted.
   */
  void undo() {
    watch.end("the attempt is given up");
    // The copiers must have let go before anything is deleted behind their backs.
    Parallel.settle(cuts);
    Parallel.settle(describing);
    List<Promise<Void>> steps = new ArrayList<>();
    for (SetProgress set : sets) {
      set.state = "given up";
      steps.add(
          step(
              "close the cursor of " + set.plan.set(),
              () -> stubs.closingOrphans(set.plan).closeOrphans(set.request)));
      if (state.type.automatic()) {
        steps.add(step("delete what was cut of " + set.plan.set(), () -> delete(set)));
      }
    }
    if (sharded && !state.balancer.equals(BalancerSettings.NONE)) {
      steps.add(
          step(
              "give the balancer its state back",
              () ->
                  stubs
                      .balancerCleanUp("give the balancer its state back")
                      .restore(state.cluster, Workflow.getInfo().getWorkflowId(), state.balancer)));
    }
    Parallel.settle(steps);
  }

  private void delete(SetProgress set) {
    stubs
        .deleting(set.plan)
        .delete(
            new DeleteRequest(
                state.type,
                state.cluster,
                state.backup,
                number,
                set.plan.set(),
                set.plan.member()));
  }

  private Promise<Void> step(String what, Runnable action) {
    return Async.procedure(
        () -> {
          try {
            action.run();
          } catch (TemporalFailure e) {
            state.note("could not %s: %s".formatted(what, Failures.messageOf(e)));
          }
        });
  }

  private void inParallel(Consumer<SetProgress> action) {
    Parallel.forEach(sets, action);
  }
}
