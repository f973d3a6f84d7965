package io.stillpoint.sandbox.demo;

import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.RestoreOperation;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.restore.RestoreResult;
import io.stillpoint.sandbox.cluster.ClusterCertificates;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.invariant.ClusterInvariants;
import io.stillpoint.sandbox.load.Comparison;
import io.stillpoint.sandbox.load.ExpectedDocuments;
import io.stillpoint.sandbox.load.LoadSpec;
import io.stillpoint.sandbox.load.LoadWriter;
import io.stillpoint.sandbox.load.OplogOracle;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonTimestamp;

/** Load, backup, a killed worker, more load, restore, comparison: the main job from end to end. */
final class DemoStory {

  private static final String NAMESPACE = "shop.orders";
  private static final int WRITES_BEFORE_BACKUP = 3000;
  private static final int WRITES_AFTER_BACKUP = 300;

  /** Between a writer's steps once there is data: a small cluster's copy must not grow with it. */
  private static final Duration UNHURRIED = Duration.ofMillis(60);

  /** Long enough that a killed worker's cursors are adopted while the copy goes on. */
  private static final long COPY_SECONDS = 18;

  private static final Pattern NOT_BACKED_UP =
      Pattern.compile("^diagnostic\\.data/|^journal/WiredTiger(Prep|Tmp)log");

  /** Data grows between the look at its size and the copy; a small cluster's most of all. */
  private static final long SLOWEST_COPY = 100_000;

  private final DemoOptions options;
  private final Narrator narrator;
  private final Closing closing;

  DemoStory(DemoOptions options, Narrator narrator, Closing closing) {
    this.options = options;
    this.narrator = narrator;
    this.closing = closing;
  }

  DemoReport tell() {
    String temporal = startTemporal();
    LocalCluster cluster = startCluster();
    LoadWriter writer = closing.add(LoadWriter.start(load(cluster)));
    Patience.await("the first documents", () -> writer.acknowledged() >= WRITES_BEFORE_BACKUP);
    writer.pauseFor(UNHURRIED);
    narrator.detail(
        "%d writes acknowledged, and the writer goes on".formatted(writer.acknowledged()));
    Optional<DemoCloud> cloud = startCloud(cluster);
    DemoWorkers workers = startWorkers(cluster, cloud, temporal);
    StillpointClient client = closing.add(connect(temporal));
    ClusterInvariants invariants =
        new ClusterInvariants(cluster, DemoWorkers.CLUSTER, workers.catalog(), workers.snapshots());

    DemoBackup.Outcome backup =
        new DemoBackup(options.type(), narrator, client, workers, cloud, temporal).run();
    cloud.ifPresent(c -> requireOnePerSet(c, cluster));
    if (options.loseCatalog()) {
      new LostCatalog(narrator, client)
          .loseAndRebuild(
              options.directory().resolve("stillpoint/catalog"), backup.result().backup());
    }
    ClusterTime point = backup.result().summary().orElseThrow().consistentPoint().orElseThrow();
    narrator.chapter("Life goes on after the backup");
    long before = writer.acknowledged();
    Patience.await("more writes", () -> writer.acknowledged() >= before + WRITES_AFTER_BACKUP);
    writer.close();
    narrator.detail(
        "%d writes in all; the writer stops (last failure: %s)"
            .formatted(
                writer.acknowledged(),
                writer.lastFailure().isEmpty() ? "none" : writer.lastFailure()));
    ExpectedDocuments expected = expected(cluster, point);

    RestoreResult restored = restore(client, backup.result().backup());
    cloud.ifPresent(c -> narrator.detail("mounted now: " + c.mounted()));
    Comparison comparison = compare(cluster, expected);
    requireNothingLeft(invariants);
    return new DemoReport(
        comparison.identical() ? DemoReport.IDENTICAL : DemoReport.DIFFERENT,
        backup.result().backup(),
        point.toString(),
        comparison.expected(),
        comparison.restored(),
        backup.killed(),
        backup.result().cursorsAdopted(),
        backup.result().cursorWindowMillis(),
        restored.downMillis(),
        version(cluster));
  }

  private static LoadSpec load(LocalCluster cluster) {
    return new LoadSpec(cluster.uri(), List.of(NAMESPACE), 4, false, Duration.ofMillis(2), 400);
  }

  private String startTemporal() {
    if (options.temporal().isPresent()) {
      narrator.chapter("Temporal runs already at " + options.temporal().get());
      return options.temporal().get();
    }
    if (options.ui()) {
      return startWithUi();
    }
    narrator.chapter("Starting an embedded Temporal server");
    EmbeddedTemporal temporal = closing.add(new EmbeddedTemporal());
    narrator.detail("address: " + temporal.address());
    return temporal.address();
  }

  private String startWithUi() {
    narrator.chapter("Starting a Temporal server with its web UI");
    DevServer server =
        closing.add(
            DevServer.start(DevServer.installed().orElseThrow(), options.directory(), true));
    try (StillpointClient client = connect(server.address())) {
      client.registerSearchAttributes();
    }
    narrator.detail("address: " + server.address());
    narrator.detail("look at it here: " + server.uiAddress());
    return server.address();
  }

  /** A machine that is busy starting everything may answer late. */
  private static StillpointClient connect(String temporal) {
    StillpointClient[] client = new StillpointClient[1];
    Patience.await(
        "Temporal to answer",
        () -> {
          try {
            client[0] =
                StillpointClient.connect(
                    new ConnectionOptions(Optional.of(temporal), Optional.empty()));
            return true;
          } catch (StillpointException e) {
            if (e.code().retryable()) {
              return false;
            }
            throw e;
          }
        });
    return client[0];
  }

  private LocalCluster startCluster() {
    String kind = options.programs().isSimulated() ? "simulated" : "real";
    narrator.chapter(
        options.replicaSet()
            ? "Starting a %s replica set of 3 members".formatted(kind)
            : "Starting a %s cluster: 2 shards and a config server, 3 members each, and a mongos"
                .formatted(kind));
    Path directory = options.directory().resolve("cluster");
    ClusterSpec spec =
        options.replicaSet()
            ? ClusterSpec.replicaSet(directory, options.programs(), 3)
            : ClusterSpec.sharded(directory, options.programs(), 2, 3).withConfigMembers(3);
    LocalCluster cluster =
        closing.add(
            LocalCluster.start(
                secured(spec),
                members -> {
                  if (inCloud()) {
                    DemoCloud.mount(options.type(), cloudDirectory(), members);
                  }
                }));
    cluster.certificates().ifPresent(this::trust);
    narrator.detail("server: " + version(cluster));
    narrator.detail("files: " + options.directory());
    if (options.authentication()) {
      narrator.detail("authentication is on; Stillpoint's user has the role 'stillpoint' only");
    }
    cluster
        .sets()
        .forEach(
            s ->
                narrator.detail(
                    "%s: %s"
                        .formatted(s.name(), s.members().stream().map(m -> m.address()).toList())));
    return cluster;
  }

  private ClusterSpec secured(ClusterSpec spec) {
    ClusterSpec maybeAuthenticated = options.authentication() ? spec.withAuthentication() : spec;
    return options.tls() ? maybeAuthenticated.withTls() : maybeAuthenticated;
  }

  /** Applications of this JVM, such as the load, trust what Java trusts by default. */
  private void trust(ClusterCertificates certificates) {
    try {
      SSLContext before = SSLContext.getDefault();
      SSLContext.setDefault(certificates.applications());
      closing.add(() -> SSLContext.setDefault(before));
    } catch (NoSuchAlgorithmException e) {
      throw new DemoException("this Java has no TLS: " + e.getMessage());
    }
    narrator.detail("TLS is on; the workers have the certificate " + certificates.stillpoint());
  }

  private Optional<DemoCloud> startCloud(LocalCluster cluster) {
    if (!inCloud()) {
      return Optional.empty();
    }
    narrator.chapter("Starting a simulated cloud for snapshots of type " + options.type().word());
    DemoCloud cloud = closing.add(DemoCloud.start(options.type(), cloudDirectory(), cluster));
    narrator.detail("every member's data directory is a volume; endpoint: " + cloud.endpoint());
    narrator.detail("mounted: " + cloud.mounted());
    return Optional.of(cloud);
  }

  private boolean inCloud() {
    return !options.type().cutByAgent();
  }

  private Path cloudDirectory() {
    return options.directory().resolve("cloud");
  }

  private void requireOnePerSet(DemoCloud cloud, LocalCluster cluster) {
    narrator.detail("the cloud holds %s".formatted(cloud.snapshots()));
    if (cloud.snapshots().size() != cluster.sets().size()) {
      throw new DemoException(
          "the cloud holds %d snapshots for %d replica sets"
              .formatted(cloud.snapshots().size(), cluster.sets().size()));
    }
  }

  private DemoWorkers startWorkers(
      LocalCluster cluster, Optional<DemoCloud> cloud, String temporal) {
    narrator.chapter("Starting two control workers and a node agent");
    long largest = cluster.members().stream().mapToLong(m -> size(m.dbPath())).max().orElseThrow();
    DemoWorkers workers =
        closing.add(
            new DemoWorkers(
                options.directory().resolve("stillpoint"),
                cluster,
                cloud,
                options.programs().simulate(),
                options.type() == SnapshotType.COMMAND,
                temporal,
                options.temporal().isEmpty() && !options.ui(),
                Math.max(SLOWEST_COPY, largest / COPY_SECONDS)));
    workers
        .all()
        .forEach(w -> narrator.detail("%s: pid %d, log %s".formatted(w.name(), w.pid(), w.log())));
    return workers;
  }

  private ExpectedDocuments expected(LocalCluster cluster, ClusterTime point) {
    narrator.chapter("Computing from the oplogs what the cluster held at " + point);
    OplogOracle oracle =
        new OplogOracle(cluster.dataSets().stream().map(LocalReplicaSet::uri).toList());
    ExpectedDocuments expected =
        oracle.at(
            new BsonTimestamp((int) point.seconds(), (int) point.increment()), Set.of(NAMESPACE));
    narrator.detail("%d documents".formatted(expected.count()));
    return expected;
  }

  private RestoreResult restore(StillpointClient client, String backup) {
    String name = backup + "-restore";
    narrator.chapter("Restoring: " + name);
    RestoreOperation restore =
        client.startRestore(RestoreRequest.of(backup, name, Optional.of(DemoWorkers.CLUSTER)));
    Patience.await(
        "the restore",
        () -> {
          RestoreDescription d = describe(restore);
          if (d == null) {
            return false;
          }
          narrator.progress(d.phase().toString());
          return d.status().isFinal();
        });
    RestoreResult result =
        restore
            .await(Patience.LIMIT)
            .orElseThrow(() -> new DemoException("the restore did not end in time"));
    narrator.detail("the cluster was down for %d ms".formatted(result.downMillis()));
    return result;
  }

  private static RestoreDescription describe(RestoreOperation restore) {
    try {
      return restore.describe();
    } catch (StillpointException e) {
      return null;
    }
  }

  private void requireNothingLeft(ClusterInvariants invariants) {
    // Directories alone are looked at: what a cloud holds was counted before.
    if (options.type() != SnapshotType.DIRECTORY) {
      return;
    }
    narrator.chapter("Looking for anything left behind: cursors, processes, directories, records");
    AtomicReference<List<String>> wrong = new AtomicReference<>(List.of());
    try {
      Patience.await(
          "everything to be tidied up",
          () -> {
            wrong.set(invariants.violations());
            return wrong.get().isEmpty();
          });
    } catch (DemoException e) {
      throw new DemoException(String.join("; ", wrong.get()));
    }
    narrator.detail("nothing");
  }

  private Comparison compare(LocalCluster cluster, ExpectedDocuments expected) {
    narrator.chapter("Comparing every document");
    Comparison comparison = expected.compare(cluster.uri());
    narrator.detail(
        "expected %d, restored %d, missing %d, unexpected %d, different %d"
            .formatted(
                comparison.expected(),
                comparison.restored(),
                comparison.missing(),
                comparison.unexpected(),
                comparison.different()));
    comparison.examples().forEach(narrator::detail);
    return comparison;
  }

  private String version(LocalCluster cluster) {
    BsonDocument info =
        cluster.members().get(0).run("admin", new BsonDocument("buildInfo", new BsonInt32(1)));
    return info.getString("version").getValue()
        + (options.programs().isSimulated() ? " (simulated)" : "");
  }

  /** What a backup cursor would list: a journal is prepared ahead, and diagnoses are no data. */
  private static long size(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(f -> !NOT_BACKED_UP.matcher(directory.relativize(f).toString()).find())
          .mapToLong(DemoStory::sizeOfFile)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server removes files while they are counted. */
  private static long sizeOfFile(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
