package io.stillpoint.restore;

import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.activity.NodeActivities.MemberRequest;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.policy.Parallel;
import io.temporal.failure.TemporalFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Puts a cluster back on the data that a restore replaced, from wherever that restore had come to.
 * Every step may be repeated. No member is started before all have their old data back: members of
 * one set on different data would take each other for a majority.
 */
public final class PutBack {

  private final String cluster;
  private final RestoreMark mark;
  private final Consumer<String> notes;
  private final BiConsumer<String, String> progress;

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

  /** Starts what does not run and waits for each set's primary. */
  private List<String> start() {
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
                () ->
                    RestoreStubs.clusterWait("bring up " + s.set())
                        .stepUp(new StepUpRequest(cluster, s.set(), s.members(), s.preferred()))));
    Parallel.forEach(
        mark.routers(),
        r ->
            attempt(
                "start the mongos " + r,
                () -> RestoreStubs.undoing("start the mongos", r).start(of(r))));
    return failed;
  }

  private List<String> members() {
    return mark.sets().stream().flatMap(s -> s.members().stream()).toList();
  }

  private MemberRequest of(String member) {
    return new MemberRequest(mark.restore(), member);
  }

  private boolean attempt(String what, Runnable action) {
    try {
      action.run();
      return true;
    } catch (TemporalFailure e) {
      if (Failures.codeOf(e) == ErrorCode.OPERATION_RESET) {
        // Nobody's old data is in doubt: this run may not touch it.
        throw e;
      }
      notes.accept("could not %s: %s".formatted(what, Failures.messageOf(e)));
      return false;
    }
  }
}
