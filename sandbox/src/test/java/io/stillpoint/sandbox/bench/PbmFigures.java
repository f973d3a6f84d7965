package io.stillpoint.sandbox.bench;

import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.RestoreOperation;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The same backups and the same restore of the same real cluster, by Stillpoint and by PBM with its
 * own agents and command line. What is compared with is PBM's.
 */
final class PbmFigures implements Figures {

  private static final Duration END = Duration.ofMinutes(5);

  /**
   * PBM 2.5.0 waits for ever when it is told that the copy is made before its leader has looked at
   * the state again, which it does every second. No copy is as short; this one is taken off.
   */
  private static final int SHORTEST_COPY_SECONDS = 3;

  /** Where {@code pbm} and {@code pbm-agent} are. */
  private final Optional<Path> programs;

  PbmFigures(Optional<Path> programs) {
    this.programs = programs;
  }

  /** One tool's times, in seconds. */
  private record Times(List<Double> prepared, List<Double> window, List<Double> restored) {
    Times() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  @Override
  public String name() {
    return "pbm";
  }

  @Override
  public void take(Scene scene, Summary summary) throws Exception {
    Optional<Path> temporal = DevServer.installed();
    ServerPrograms servers = ServerPrograms.fromSystemProperties();
    if (programs.isEmpty()) {
      summary.skip(name(), "no --pbm PATH was given");
    } else if (servers.isSimulated()) {
      summary.skip(name(), "PBM needs real servers: give MONGOD= and MONGOS= too");
    } else if (temporal.isEmpty()) {
      summary.skip(name(), "no program 'temporal' on the PATH or in ~/go/bin");
    } else {
      compare(scene, summary, servers, temporal.get());
    }
  }

  private void compare(Scene scene, Summary summary, ServerPrograms servers, Path temporal)
      throws Exception {
    Path base = scene.fresh(name());
    int members = scene.pick(3, 1);
    ClusterSpec spec =
        ClusterSpec.sharded(base.resolve("cluster"), servers, 2, members)
            .withConfigMembers(members);
    Times ours = new Times();
    Times theirs = new Times();
    try (DevServer server = DevServer.start(temporal, base, false);
        BenchCluster cluster =
            new BenchCluster(base.resolve("cluster"), spec, server.address(), "")) {
      int warm = 1;
      int runs = scene.pick(3, 1);
      for (int run = 0; run < warm + runs; run++) {
        backUp(cluster, run < warm ? new Times() : ours);
      }
      for (int run = 0; run < scene.pick(2, 1); run++) {
        ours.restored().add(restore(cluster));
      }
      try (Pbm pbm = new Pbm(programs.orElseThrow(), base.resolve("pbm"), cluster.servers())) {
        summary.note("pbm", pbm.version());
        for (int run = 0; run < warm + runs; run++) {
          backUp(pbm, cluster.servers(), run < warm ? new Times() : theirs);
        }
        summary.add(against("prepared", ours.prepared(), theirs.prepared()));
        summary.add(against("window", ours.window(), theirs.window()));
        theirs.restored().add(restore(pbm, cluster.servers(), base.resolve("copies")));
        summary.add(against("restored", ours.restored(), theirs.restored()));
      }
    }
  }

  private static Figure against(String key, List<Double> ours, List<Double> theirs) {
    return Figure.of("pbm." + key, "s", ours).against(new Samples(theirs).median());
  }

  private static void backUp(BenchCluster cluster, Times times) throws InterruptedException {
    try (CursorWatch cursors = new CursorWatch(cluster.servers().members())) {
      Stopwatch watch = new Stopwatch();
      BackupOperation backup = cluster.startBackup("pbm", SnapshotType.MANUAL);
      times
          .prepared()
          .add(watch.until("a backup to be ready", () -> BenchCluster.isReadyToCopy(backup)));
      BenchCluster.finish(backup);
      times.window().add(cursors.seconds());
    }
  }

  private static void backUp(Pbm pbm, LocalCluster cluster, Times times)
      throws IOException, InterruptedException {
    try (CursorWatch cursors = new CursorWatch(cluster.members())) {
      Stopwatch watch = new Stopwatch();
      String backup = pbm.prepare();
      times.prepared().add(watch.seconds());
      TimeUnit.SECONDS.sleep(SHORTEST_COPY_SECONDS);
      pbm.finish(backup);
      times.window().add(cursors.seconds() - SHORTEST_COPY_SECONDS);
    }
  }

  private static double restore(BenchCluster cluster) {
    BackupOperation backup = cluster.startBackup("restored", SnapshotType.DIRECTORY);
    backup.await(END).orElseThrow(() -> new IllegalStateException("the backup did not end"));
    Stopwatch watch = new Stopwatch();
    RestoreOperation restore = cluster.startRestore(backup.name());
    restore.await(END).orElseThrow(() -> new IllegalStateException("the restore did not end"));
    return watch.seconds();
  }

  /** What PBM leaves to its user is done here at once: the copies, and the start of the servers. */
  private static double restore(Pbm pbm, LocalCluster cluster, Path copies)
      throws IOException, InterruptedException {
    String backup = pbm.prepare();
    Map<String, Path> copyOfSet = new HashMap<>();
    for (String source : pbm.sources(backup)) {
      LocalServer member = at(cluster, source);
      Path copy = Files.createDirectories(copies.resolve(member.set()));
      copy(member.dbPath(), copy);
      copyOfSet.put(member.set(), copy);
    }
    TimeUnit.SECONDS.sleep(SHORTEST_COPY_SECONDS);
    pbm.finish(backup);
    Stopwatch watch = new Stopwatch();
    cluster.mongos().ifPresent(LocalServer::stop);
    String restore = pbm.prepareRestore();
    for (LocalReplicaSet set : cluster.sets()) {
      for (LocalServer member : set.members()) {
        copy(copyOfSet.get(set.name()), member.dbPath());
      }
    }
    pbm.finishRestore(restore);
    cluster.startAll();
    return watch.seconds();
  }

  private static LocalServer at(LocalCluster cluster, String address) {
    return cluster.members().stream()
        .filter(m -> m.address().equals(address))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("PBM names " + address + ", which is none"));
  }

  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    Process cp =
        new ProcessBuilder(
                // Of what a running server changes under the copy nothing else is outside the list.
                "sh",
                "-c",
                "cd \"$1\" && tar --create --warning=no-file-changed --exclude=./diagnostic.data --file - . | tar --extract"
                    + " --directory \"$2\" --file -",
                "copy",
                from.toString(),
                to.toString())
            .inheritIO()
            .start();
    if (cp.waitFor() != 0) {
      throw new IOException("the copy of %s to %s failed".formatted(from, to));
    }
  }
}
