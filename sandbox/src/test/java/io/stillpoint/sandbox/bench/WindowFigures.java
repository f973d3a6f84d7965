package io.stillpoint.sandbox.bench;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** How long cursors are open where a cut takes no longer than its calls, for ever more sets. */
final class WindowFigures implements TemporalFigures {

  private static final Duration CALL = Duration.ofMillis(100);
  private static final Duration END = Duration.ofMinutes(4);
  private static final int MANY = 50;
  private static final Set<Integer> ALSO_IDLE = Set.of(2, 10, 100);
  private static final Set<String> CUT = Set.of("SnapshotCut");

  @Override
  public String name() {
    return "window";
  }

  @Override
  public void take(Scene scene, Summary summary, Path program) throws Exception {
    for (int sets : scene.tiny() ? List.of(2, 3) : List.of(2, 3, 10, 50, 100)) {
      Path base = scene.fresh(name());
      try (DevServer temporal = DevServer.start(program, base, false);
          Fleet fleet = new Fleet(base, sets, temporal.address())) {
        fleet.startWorker("control-1");
        fleet.startWorker("control-2");
        take(scene, summary, fleet, sets);
      }
    }
  }

  private static void take(Scene scene, Summary summary, Fleet fleet, int sets) throws Exception {
    int runs = scene.pick(sets < MANY ? 5 : 3, 1);
    backUp(fleet, scene.pick(2, 1));
    fleet.busy(true);
    Windows busy = backUp(fleet, runs);
    Figure window = Figure.of("window.sets-" + sets, "ms", busy.whole());
    summary.add(
        summary
            .find("window.sets-2")
            .map(f -> window.against(f.median()).heldTo(Bar.ratioAtMost(1.5)))
            .orElse(window));
    summary.add(Figure.of("window.machine-busy.sets-" + sets, "%", busy.machineBusy()));
    Figure beyond = Figure.of("window.beyond-cut.sets-" + sets, "ms", busy.beyondCut());
    summary.add(sets == 3 ? beyond.heldTo(Bar.atMost(300)) : beyond);
    if (ALSO_IDLE.contains(sets)) {
      fleet.busy(false);
      summary.add(
          Figure.of("window.idle.sets-" + sets, "ms", backUp(fleet, runs).whole())
              .against(window.median())
              .heldTo(Bar.ratioAtMost(1.5)));
    }
  }

  /**
   * @param beyondCut without the time in which at least one member was cut
   * @param machineBusy how much of all cores was busy from the start to the end of the window
   */
  private record Windows(List<Double> whole, List<Double> beyondCut, List<Double> machineBusy) {}

  private static Windows backUp(Fleet fleet, int runs) throws IOException, InterruptedException {
    Windows windows = new Windows(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int run = 0; run < runs; run++) {
      fleet.delay(CALL);
      MachineLoad before = MachineLoad.now();
      BackupOperation backup = fleet.startBackup(SnapshotType.GCE);
      awaitCursorsClosed(backup);
      windows.machineBusy().add(MachineLoad.now().percentSince(before));
      // What comes after the window need not take its time.
      fleet.delay(Duration.ZERO);
      BackupResult result =
          backup.await(END).orElseThrow(() -> new IllegalStateException("it did not end"));
      double window = result.cursorWindowMillis();
      windows.whole().add(window);
      windows.beyondCut().add(window - 1000 * fleet.history(backup).secondsWithin(CUT));
    }
    return windows;
  }

  /** Looks so rarely that the looking costs nothing. */
  private static void awaitCursorsClosed(BackupOperation backup) throws InterruptedException {
    Stopwatch watch = new Stopwatch();
    do {
      if (watch.seconds() > END.toSeconds()) {
        throw new IllegalStateException("the cursors were not closed");
      }
      TimeUnit.SECONDS.sleep(1);
    } while (!isPastWindow(backup));
  }

  private static boolean isPastWindow(BackupOperation backup) {
    try {
      return backup.describe().phase().compareTo(BackupPhase.FINISHING) > 0;
    } catch (StillpointException e) {
      // No worker has begun it yet.
      return false;
    }
  }
}
