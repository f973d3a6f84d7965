package io.stillpoint.sandbox.bench;

import io.stillpoint.backup.BackupResult;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.RestoreOperation;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.restore.RestoreResult;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.demo.BusyWorkers;
import io.stillpoint.sandbox.demo.WorkerProcess;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Everything that needs servers, workers and Temporal as processes: the way to the copy, the cursor
 * window, the history, the death of a worker, the restore.
 */
final class ClusterFigures implements TemporalFigures {

  private static final Duration END = Duration.ofMinutes(5);
  private static final double MAX_PAYLOAD_BYTES = 64 * 1024;
  private static final Set<String> COPY = Set.of("NodeStage");

  private static final Set<String> STOP_AND_START = Set.of("NodeStop", "NodeStart");

  private static final String SHORT_HEARTBEAT = "  timing: { heartbeat: 1s }\n";

  @Override
  public String name() {
    return "cluster";
  }

  @Override
  public void take(Scene scene, Summary summary, Path program) throws Exception {
    Path base = scene.fresh(name());
    try (DevServer temporal = DevServer.start(program, base, false)) {
      String address = temporal.address();
      ServerPrograms programs = ServerPrograms.fromSystemProperties();
      int members = scene.pick(3, 1);
      ClusterSpec one = ClusterSpec.replicaSet(base.resolve("one"), programs, members);
      try (BenchCluster cluster = new BenchCluster(base.resolve("one"), one, address, "")) {
        backUp(scene, summary, cluster, "one", 1);
      }
      ClusterSpec three =
          ClusterSpec.sharded(base.resolve("three"), programs, 2, members)
              .withConfigMembers(members);
      try (BenchCluster cluster = new BenchCluster(base.resolve("three"), three, address, "")) {
        backUp(scene, summary, cluster, "three", 3);
        kill(scene, summary, cluster, address, "adoption");
        restore(scene, summary, cluster);
      }
      ClusterSpec quick = ClusterSpec.replicaSet(base.resolve("quick"), programs, 1);
      try (BenchCluster cluster =
          new BenchCluster(base.resolve("quick"), quick, address, SHORT_HEARTBEAT)) {
        kill(scene, summary, cluster, address, "adoption.short-heartbeat");
      }
    }
  }

  private static void backUp(
      Scene scene, Summary summary, BenchCluster cluster, String prefix, int sets)
      throws Exception {
    List<Double> ready = new ArrayList<>();
    List<Double> windows = new ArrayList<>();
    List<Double> events = new ArrayList<>();
    List<Double> bytes = new ArrayList<>();
    List<Double> largest = new ArrayList<>();
    int warm = scene.pick(3, 1);
    int runs = scene.pick(7, 2);
    for (int run = 0; run < warm + runs; run++) {
      Stopwatch watch = new Stopwatch();
      BackupOperation backup = cluster.startBackup(prefix, SnapshotType.MANUAL);
      double seconds =
          watch.until("a backup to be ready to copy", () -> BenchCluster.isReadyToCopy(backup));
      BackupResult result = BenchCluster.finish(backup);
      if (run >= warm) {
        WorkflowHistory history = cluster.backupHistory(backup.name());
        ready.add(seconds * 1000);
        windows.add((double) result.cursorWindowMillis());
        events.add(history.events().size() / (double) sets);
        bytes.add(history.bytes() / (double) sets);
        largest.add((double) history.largestEvent());
      }
    }
    String suffix = ".sets-" + sets;
    summary.add(Figure.of("ready-to-copy" + suffix, "ms", ready).heldTo(Bar.atMost(1500)));
    summary.add(Figure.of("window.by-hand" + suffix, "ms", windows));
    summary.add(Figure.of("history.events-per-set" + suffix, "events", events).heldTo(perSet()));
    summary.add(Figure.of("history.bytes-per-set" + suffix, "bytes", bytes));
    summary.add(
        Figure.of("history.largest-event" + suffix, "bytes", largest)
            .heldTo(Bar.atMost(MAX_PAYLOAD_BYTES)));
    if (sets > 1) {
      summary.add(growth(scene, cluster, prefix));
    }
  }

  private static Bar perSet() {
    return Bar.atMost(60);
  }

  /** Real time, not skipped: the servers and their cursors know no other. */
  private static Figure growth(Scene scene, BenchCluster cluster, String prefix)
      throws InterruptedException {
    BackupOperation backup = cluster.startBackup(prefix, SnapshotType.MANUAL);
    new Stopwatch().until("a backup to be ready", () -> BenchCluster.isReadyToCopy(backup));
    // What a workflow does on its way into the wait is not the wait.
    TimeUnit.SECONDS.sleep(2);
    int before = cluster.backupHistory(backup.name()).events().size();
    Stopwatch watch = new Stopwatch();
    TimeUnit.SECONDS.sleep(scene.pick(60, 5));
    int after = cluster.backupHistory(backup.name()).events().size();
    double hours = watch.seconds() / 3600;
    BenchCluster.finish(backup);
    return Figure.of("history.events-per-hour-of-copy", "events", List.of((after - before) / hours))
        .heldTo(Bar.atMost(0));
  }

  private static void kill(
      Scene scene, Summary summary, BenchCluster cluster, String temporal, String key)
      throws Exception {
    List<Double> adoptions = new ArrayList<>();
    for (int run = 0; run < scene.pick(4, 1); run++) {
      BackupOperation backup = cluster.startBackup(key, SnapshotType.MANUAL);
      new Stopwatch().until("a backup to be ready", () -> BenchCluster.isReadyToCopy(backup));
      try (BusyWorkers busy = new BusyWorkers(temporal)) {
        String id = WorkflowIds.backup(backup.name());
        int sets = backup.describe().sets().size();
        new Stopwatch()
            .until(
                "every cursor to be held",
                () -> busy.keepingCursors(id).values().stream().mapToInt(i -> i).sum() >= sets);
        Map.Entry<String, Integer> most =
            busy.keepingCursors(id).entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow();
        WorkerProcess victim = cluster.workers().named(most.getKey()).orElseThrow();
        victim.kill();
        Stopwatch watch = new Stopwatch();
        adoptions.add(
            watch.until(
                "the cursors to be adopted",
                () -> {
                  Map<String, Integer> now = busy.keepingCursors(id);
                  return !now.containsKey(victim.name())
                      && now.values().stream().mapToInt(i -> i).sum() >= sets;
                }));
        cluster.workers().startAgain(victim);
      }
      BackupResult result = BenchCluster.finish(backup);
      if (result.attempts() != 1) {
        throw new IllegalStateException(
            "a cursor was lost with its worker: %d attempts".formatted(result.attempts()));
      }
    }
    summary.add(Figure.of(key, "s", adoptions).heldTo(Bar.atMost(30)));
  }

  private static void restore(Scene scene, Summary summary, BenchCluster cluster) throws Exception {
    BackupOperation backup = cluster.startBackup("source", SnapshotType.DIRECTORY);
    backup.await(END).orElseThrow(() -> new IllegalStateException("the backup did not end"));
    List<Double> totals = new ArrayList<>();
    List<Double> copies = new ArrayList<>();
    List<Double> servers = new ArrayList<>();
    List<Double> downs = new ArrayList<>();
    List<Double> recoveries = new ArrayList<>();
    List<Double> beyond = new ArrayList<>();
    for (int run = 0; run < scene.pick(3, 1); run++) {
      Stopwatch watch = new Stopwatch();
      RestoreOperation restore = cluster.startRestore(backup.name());
      RestoreResult result =
          restore.await(END).orElseThrow(() -> new IllegalStateException("it did not end"));
      double total = watch.seconds();
      WorkflowHistory history = cluster.restoreHistory(restore.name());
      totals.add(total);
      copies.add(history.secondsWithin(COPY));
      servers.add(history.secondsWithin(STOP_AND_START));
      downs.add(result.downMillis() / 1000.0);
      List<Span> notOurs = new ArrayList<>(history.spans(COPY));
      notOurs.addAll(history.spans(STOP_AND_START));
      List<Span> recovery = temporaryStarts(cluster, restore.name());
      notOurs.addAll(recovery);
      for (LocalServer member : cluster.servers().members()) {
        notOurs.add(ServerTimes.lastStart(member.logPath()));
      }
      recoveries.add(Span.covered(recovery));
      beyond.add(total - Span.covered(notOurs));
    }
    summary.add(Figure.of("restore.total", "s", totals));
    summary.add(Figure.of("restore.copy", "s", copies));
    summary.add(Figure.of("restore.stop-and-start", "s", servers));
    summary.add(Figure.of("restore.recovery-starts", "s", recoveries));
    summary.add(Figure.of("restore.down", "s", downs));
    summary.add(Figure.of("restore.beyond", "s", beyond).heldTo(Bar.atMost(5)));
  }

  private static List<Span> temporaryStarts(BenchCluster cluster, String restore)
      throws IOException {
    List<Span> spans = new ArrayList<>();
    for (LocalServer member : cluster.servers().members()) {
      Path log = member.dbPath().resolve(".stillpoint").resolve(restore).resolve("recover.log");
      spans.addAll(ServerTimes.startAndStop(log));
    }
    return spans;
  }
}
