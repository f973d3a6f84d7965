package io.stillpoint.restore;

import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.activity.NodeActivities.MemberRequest;
import io.stillpoint.activity.RecoveryActivities.MarkedSet;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.policy.Parallel;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Puts a cluster back on the data that a restore replaced, from wherever that restore had come to.
 * Every step may be repeated. No member is started before all have their old data back: members of
 * one set on different data would take each other for a majority.
 */
public final class PutBack {

  private static final String WATCHED = "put-back-watches-members";

  /** Members are looked at this long after their start, then at ever longer intervals. */
  private static final Duration FIRST_LOOK = Duration.ofSeconds(10);

  private static final Duration LAST_LOOK = Duration.ofMinutes(2);

  private final String cluster;
  private final RestoreMark mark;
  private final Consumer<String> notes;
  private final BiConsumer<String, String> progress;
  private final Map<String, String> notUp = new LinkedHashMap<>();

  /**
   * @param notes told what could not be done
   * @param progress told each member and its state
   */
  public PutBack(
      String cluster,
      RestoreMark mark,
      Consumer<String> notes,
      BiConsumer<String, String> progress) {
    this.cluster = cluster;
    this.mark = mark;
    this.notes = notes;
    this.progress = progress;
  }

  /** Returns the members whose old data could not be put back or started; none is success. */
  public List<String> run() {
    List<String> failed = new ArrayList<>();
    Parallel.forEach(
        members(),
        m -> {
          boolean back =
              attempt(
                  "put the old data of " + m + " back",
                  () -> {
                    RestoreStubs.undoing("stop", m).stop(of(m));
                    RestoreStubs.undoing("put the old data back on", m).undo(of(m));
                  });
          progress.accept(m, back ? "old data is back" : "old data is NOT back");
          if (!back) {
            failed.add(m);
          }
        });
    return failed.isEmpty() ? start() : failed;
  }

  /** Removes staged data from members whose live data was never touched; none is stopped. */
  public List<String> dropStages() {
    List<String> failed = new ArrayList<>();
    Parallel.forEach(
        members(),
        m -> {
          if (!attempt(
              "drop the staged data of " + m,
              () -> RestoreStubs.undoing("drop the staged data of", m).undo(of(m)))) {
            failed.add(m);
          }
        });
    return failed.isEmpty() ? start() : failed;
  }

  /** By set that has its old data, but not all its members up: why; once it was put back. */
  public Map<String, String> notUp() {
    return Map.copyOf(notUp);
  }

  /** Starts what does not run and waits for each set's primary. */
  private List<String> start() {
    boolean watched =
        Workflow.getVersion(WATCHED, Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION;
    List<String> failed = new ArrayList<>();
    Parallel.forEach(
        members(),
        m -> {
          if (!attempt(
              "start " + m + " on its old data",
              () -> RestoreStubs.undoing("start", m).start(of(m)))) {
            failed.add(m);
          }
        });
    Parallel.forEach(
        mark.sets(),
        s ->
            attempt(
                "bring " + s.set() + " up again",
                () -> {
                  if (!watched) {
                    stepUp(s);
                  } else if (failed.isEmpty()) {
                    failed.addAll(awaitUp(s));
                  }
                },
                why -> notUp.put(s.set(), why)));
    Parallel.forEach(
        mark.routers(),
        r ->
            attempt(
                "start the mongos " + r,
                () -> RestoreStubs.undoing("start the mongos", r).start(of(r))));
    return failed;
  }

  private void stepUp(MarkedSet s) {
    RestoreStubs.clusterWait("bring up " + s.set())
        .stepUp(new StepUpRequest(cluster, s.set(), s.members(), s.preferred()));
  }

  /**
   * Waits for the set's primary and members, and starts a member again that ends meanwhile, by a
   * late stop of the dead restore for one. Returns those that cannot be: then nothing is waited for
   * any longer.
   */
  private List<String> awaitUp(MarkedSet s) {
    List<Promise<Void>> up = new ArrayList<>();
    CancellationScope waiting =
        Workflow.newCancellationScope(() -> up.add(Async.procedure(() -> stepUp(s))));
    waiting.run();
    Duration pause = FIRST_LOOK;
    while (!Workflow.await(pause, () -> Parallel.allEnded(up))) {
      List<String> down = startAgain(s, up);
      if (!down.isEmpty()) {
        waiting.cancel("%s cannot be started".formatted(String.join(", ", down)));
        return down;
      }
      pause = pause.compareTo(LAST_LOOK) < 0 ? pause.multipliedBy(2) : LAST_LOOK;
    }
    Parallel.join(up);
    return List.of();
  }

  /** Returns the members that do not run and cannot be started. */
  private List<String> startAgain(MarkedSet s, List<Promise<Void>> up) {
    List<String> down = new ArrayList<>();
    List<Promise<Void>> starts = new ArrayList<>();
    CancellationScope starting =
        Workflow.newCancellationScope(
            () ->
                s.members()
                    .forEach(
                        m ->
                            starts.add(
                                Async.procedure(
                                    () -> {
                                      if (!startAgain(m, up)) {
                                        down.add(m);
                                      }
                                    }))));
    starting.run();
    Workflow.await(() -> Parallel.allEnded(up) || Parallel.allEnded(starts));
    if (Parallel.allEnded(starts)) {
      Parallel.join(starts);
      return down;
    }
    // Its agent may be away for a day.
    starting.cancel("all members are up, or were waited for long enough");
    return List.of();
  }

  private boolean startAgain(String member, List<Promise<Void>> up) {
    return attempt(
        "start " + member + " again",
        () -> {
          try {
            RestoreStubs.undoing("see that it runs:", member).start(of(member));
          } catch (TemporalFailure e) {
            if (!Parallel.allEnded(up)) {
              throw e;
            }
          }
        });
  }

  private List<String> members() {
    return mark.sets().stream().flatMap(s -> s.members().stream()).toList();
  }

  private MemberRequest of(String member) {
    return new MemberRequest(mark.restore(), member);
  }

  private boolean attempt(String what, Runnable action) {
    return attempt(what, action, why -> {});
  }

  private boolean attempt(String what, Runnable action, Consumer<String> failed) {
    try {
      action.run();
      return true;
    } catch (TemporalFailure e) {
      if (Failures.codeOf(e) == ErrorCode.OPERATION_RESET) {
        // Nobody's old data is in doubt: this run may not touch it.
        throw e;
      }
      String why = "could not %s: %s".formatted(what, Failures.messageOf(e));
      notes.accept(why);
      failed.accept(why);
      return false;
    }
  }
}
