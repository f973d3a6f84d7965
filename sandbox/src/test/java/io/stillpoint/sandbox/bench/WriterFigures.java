package io.stillpoint.sandbox.bench;

import io.stillpoint.client.BackupOperation;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.temporal.DevServer;
import io.stillpoint.sandbox.wire.WireClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * What an application notices: the latency of its writes, with an open cursor and during copies.
 */
final class WriterFigures implements TemporalFigures {

  private static final Duration END = Duration.ofMinutes(4);
  private static final Set<String> CUT = Set.of("SnapshotCut");
  private static final int BALLAST_BATCH = 100;
  private static final int BALLAST_BYTES = 16 * 1024;

  @Override
  public String name() {
    return "writer";
  }

  @Override
  public void take(Scene scene, Summary summary, Path program) throws Exception {
    Path base = scene.fresh(name());
    ServerPrograms programs = ServerPrograms.fromSystemProperties();
    ClusterSpec spec = ClusterSpec.replicaSet(base.resolve("set"), programs, scene.pick(3, 1));
    try (DevServer temporal = DevServer.start(program, base, false);
        BenchCluster cluster =
            new BenchCluster(base.resolve("set"), spec, temporal.address(), "")) {
      LocalServer primary = cluster.servers().sets().get(0).awaitPrimary();
      // A simulated server has what it stores in memory, and little of that.
      fill(primary, scene.pick(programs.isSimulated() ? 32 : 256, 4));
      measure(scene, summary, cluster, primary);
    }
  }

  private static void measure(
      Scene scene, Summary summary, BenchCluster cluster, LocalServer primary) throws Exception {
    List<WriteLatencies> before = new ArrayList<>();
    List<WriteLatencies> open = new ArrayList<>();
    List<WriteLatencies> copying = new ArrayList<>();
    int seconds = scene.pick(8, 1);
    for (int turn = 0; turn < scene.pick(4, 2); turn++) {
      try (TimedWriter writer = new TimedWriter(primary.address())) {
        TimeUnit.SECONDS.sleep(seconds);
        WriteLatencies alone = writer.since(seconds);
        BackupOperation waiting = cluster.startBackup("open", SnapshotType.MANUAL);
        new Stopwatch().until("a backup to be ready", () -> BenchCluster.isReadyToCopy(waiting));
        TimeUnit.SECONDS.sleep(seconds);
        WriteLatencies underCursor = writer.since(seconds);
        BenchCluster.finish(waiting);
        BackupOperation copy = cluster.startBackup("copy", SnapshotType.DIRECTORY);
        copy.await(END).orElseThrow(() -> new IllegalStateException("it did not end"));
        WriteLatencies underCopy = writer.within(cluster.backupHistory(copy.name()).spans(CUT));
        if (turn > 0) {
          before.add(alone);
          open.add(underCursor);
          copying.add(underCopy);
        }
      }
    }
    double median = new Samples(before.stream().map(WriteLatencies::median).toList()).median();
    double slowest = new Samples(before.stream().map(WriteLatencies::slowest).toList()).median();
    summary.add(
        of("median.open-cursor", open.stream().map(WriteLatencies::median).toList(), median));
    summary.add(
        of("slowest.open-cursor", open.stream().map(WriteLatencies::slowest).toList(), slowest));
    summary.add(of("median.copy", copying.stream().map(WriteLatencies::median).toList(), median));
    summary.add(
        of("slowest.copy", copying.stream().map(WriteLatencies::slowest).toList(), slowest));
  }

  private static Figure of(String key, List<Double> runs, double without) {
    return Figure.of("writer." + key, "ms", runs).against(without);
  }

  /** Something to copy, that no file system or server can compress. */
  private static void fill(LocalServer primary, int mebibytes) throws Exception {
    Random random = new Random(1);
    try (WireClient client = WireClient.connect(primary.address(), END)) {
      int batches = mebibytes * 1024 * 1024 / BALLAST_BYTES / BALLAST_BATCH;
      for (int batch = 0; batch < batches; batch++) {
        BsonArray documents = new BsonArray();
        for (int i = 0; i < BALLAST_BATCH; i++) {
          byte[] bytes = new byte[BALLAST_BYTES];
          random.nextBytes(bytes);
          documents.add(new BsonDocument("ballast", new BsonBinary(bytes)));
        }
        client.run(
            "bench",
            new BsonDocument("insert", new BsonString("ballast"))
                .append("documents", documents)
                .append("writeConcern", BsonDocument.parse("{w: 'majority'}")),
            END);
      }
    }
  }
}
