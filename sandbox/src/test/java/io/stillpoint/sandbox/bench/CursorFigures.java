package io.stillpoint.sandbox.bench;

import io.stillpoint.client.BackupOperation;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.demo.WorkerProcess;
import io.stillpoint.sandbox.temporal.DevServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a control worker costs while it keeps open cursors, and nothing else. */
final class CursorFigures implements TemporalFigures {

  /** What a worker does on its way into the wait is not the wait. */
  private static final int SETTLE_SECONDS = 10;

  @Override
  public String name() {
    return "cursors";
  }

  @Override
  public void take(Scene scene, Summary summary, Path program) throws Exception {
    for (int sets : scene.tiny() ? List.of(1, 2) : List.of(1, 10, 100)) {
      Path base = scene.fresh(name());
      try (DevServer temporal = DevServer.start(program, base, false);
          Fleet fleet = new Fleet(base, sets, temporal.address())) {
        take(scene, summary, fleet, sets);
      }
    }
  }

  private static void take(Scene scene, Summary summary, Fleet fleet, int sets) throws Exception {
    WorkerProcess worker = fleet.startWorker("control-1");
    BackupOperation backup = fleet.startBackup(SnapshotType.MANUAL);
    new Stopwatch().until("a backup to be ready", () -> BenchCluster.isReadyToCopy(backup));
    TimeUnit.SECONDS.sleep(scene.pick(SETTLE_SECONDS, 1));
    List<Double> cpu = new ArrayList<>();
    List<Double> memory = new ArrayList<>();
    for (int run = 0; run < scene.pick(2, 1); run++) {
      Stopwatch watch = new Stopwatch();
      Duration before = ProcessCost.cpu(worker.pid());
      TimeUnit.SECONDS.sleep(scene.pick(20, 2));
      double used = ProcessCost.cpu(worker.pid()).minus(before).toMillis() / 1000.0;
      cpu.add(100 * used / watch.seconds());
      memory.add(ProcessCost.peakResidentMib(worker.pid()));
    }
    if (BenchCluster.finish(backup).attempts() != 1) {
      throw new IllegalStateException("a cursor was lost while it was kept");
    }
    summary.add(Figure.of("cursors.cpu.open-" + sets, "%", cpu).heldTo(Bar.atMost(5)));
    summary.add(Figure.of("cursors.memory.open-" + sets, "MiB", memory).heldTo(Bar.atMost(512)));
  }
}
