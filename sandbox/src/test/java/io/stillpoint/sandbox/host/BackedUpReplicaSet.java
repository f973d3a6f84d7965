package io.stillpoint.sandbox.host;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.ClusterActivities.EndPoint;
import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.activity.NodeActivities.RecoverRequest;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.directory.DirectoryProvider;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.BeatGuard;
import io.stillpoint.host.MemberHost;
import io.stillpoint.host.NodeMembers;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.mongo.BackupCursors;
import io.stillpoint.mongo.ClusterSettings;
import io.stillpoint.mongo.ConsistentPoint;
import io.stillpoint.mongo.CursorExtension;
import io.stillpoint.mongo.MongoConnections;
import io.stillpoint.mongo.ParallelCalls;
import io.stillpoint.mongo.RestoredEnd;
import io.stillpoint.mongo.SetDescriber;
import io.stillpoint.mongo.StepUp;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.load.Comparison;
import io.stillpoint.sandbox.load.ExpectedDocuments;
import io.stillpoint.sandbox.load.LoadSpec;
import io.stillpoint.sandbox.load.LoadWriter;
import io.stillpoint.sandbox.load.OplogOracle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.Document;

/**
 * A replica set with two backups, made by the product's own adapters while it was written to. The
 * second one is meant unless the other is named.
 */
final class BackedUpReplicaSet implements AutoCloseable {

  private static final String CLUSTER = "shop";
  private static final String BACKUP = "shop-1";
  private static final String EARLIER = "shop-0";
  private static final String NAMESPACE = "shop.orders";

  private final LocalCluster cluster;
  private final Path snapshots;
  private final MongoConnections connections;
  private final ParallelCalls calls = new ParallelCalls();
  private final DirectoryCatalog catalog;
  private final Path directory;

  /** Each restore begins far above what the elections before it came to. */
  private final AtomicLong newestTerm = new AtomicLong();

  private Made made;
  private Made earlier;
  private ExpectedDocuments expected;
  private Duration cutTook;

  /**
   * One backup.
   *
   * @param whole a copy of the whole data directory that was made while the cursor was open
   */
  private record Made(String name, ClusterTime point, ManifestSet part, Path whole) {}

  private BackedUpReplicaSet(Path directory, LocalCluster cluster) throws IOException {
    this.cluster = cluster;
    this.directory = directory;
    this.snapshots = Files.createDirectories(directory.resolve("snapshots"));
    this.connections =
        new MongoConnections(List.of(new ClusterSettings(CLUSTER, cluster.uri(), List.of())));
    this.catalog = new DirectoryCatalog(directory.resolve("catalog"), Clock.systemUTC());
  }

  static BackedUpReplicaSet start(Path directory) {
    return start(directory, ServerPrograms.fromSystemProperties(), 3);
  }

  static BackedUpReplicaSet start(Path directory, ServerPrograms programs, int members) {
    ClusterSpec spec =
        ClusterSpec.replicaSet(directory.resolve("cluster"), programs, members)
            .withElectionTimeoutMillis(2_000);
    if (programs.isSimulated()) {
      // Several journal files, as a busy server has, in a short test.
      spec = spec.withSetParameters(Map.of("simulatedJournalFileKB", "64"));
    }
    LocalCluster cluster = LocalCluster.start(spec);
    try {
      BackedUpReplicaSet set = new BackedUpReplicaSet(directory, cluster);
      set.earlier = set.backUp(EARLIER);
      set.made = set.backUp(BACKUP);
      ClusterTime point = set.point();
      set.expected =
          set.expectedAt(new BsonTimestamp((int) point.seconds(), (int) point.increment()));
      return set;
    } catch (IOException e) {
      cluster.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private Made backUp(String name) throws IOException {
    catalog.begin(new BeginRequest(name, CLUSTER, SnapshotType.DIRECTORY, "test", Map.of()));
    LocalServer source = members().get(members().size() - 1);
    OpenRequest open =
        new OpenRequest(
            CLUSTER, name, 1, "rs0", "rs0", ReplicaSetRole.REPLICA_SET, source.address());
    BackupCursors cursors = new BackupCursors(connections, catalog.fileLists());
    BackupCursor cursor;
    ClusterTime point;
    List<SnapshotRef> cut;
    try (LoadWriter load = LoadWriter.start(LoadSpec.of(cluster.uri(), NAMESPACE))) {
      awaitWrites(load, 300);
      source.run("admin", BsonDocument.parse("{fsync: 1}"));
      awaitWrites(load, 450);
      cursor = cursors.open(open, 1);
      awaitWrites(load, 600);
      Point fixed = new ConsistentPoint(connections, calls).fix(CLUSTER, List.of(cursor));
      point = fixed.time();
      cursor =
          cursor.withFiles(
              new CursorExtension(connections, catalog.fileLists())
                  .extend(open, cursor, fixed, () -> {}));
      new SetDescriber(connections, catalog).describe(open, cursor, point);
      awaitWrites(load, 900);
      long before = System.nanoTime();
      cut =
          new DirectoryProvider(
                  new NodeMembers(List.of(settings(source))),
                  catalog.fileLists(),
                  Clock.systemUTC())
              .cut(
                  new CutRequest(SnapshotType.DIRECTORY, CLUSTER, name, 1, cursor, point, Map.of()),
                  ProgressListener.NONE);
      cutTook = Duration.ofNanos(System.nanoTime() - before);
      cursors.touch(cursor);
      awaitWrites(load, 1200);
    }
    source.run("admin", BsonDocument.parse("{fsync: 1}"));
    Path whole = directory.resolve("whole-" + name);
    copyTree(source.dbPath(), whole);
    cursors.close(cursor);
    return new Made(name, point, catalog.parts(name, 1).get(0).withSnapshots(cut), whole);
  }

  List<LocalServer> members() {
    return cluster.members();
  }

  ClusterTime point() {
    return made.point();
  }

  ManifestSet part() {
    return made.part();
  }

  Path snapshot() {
    return Path.of(part().snapshots().get(0).id());
  }

  /** A copy of the source's whole data directory, made while the cursor was open. */
  Path wholeCopy() {
    return made.whole();
  }

  Path earlierWholeCopy() {
    return earlier.whole();
  }

  List<SnapshotRef> earlierSnapshots() {
    return earlier.part().snapshots();
  }

  MongoConnections connections() {
    return connections;
  }

  MemberHost host(LocalServer member) {
    return new MemberHost(settings(member), catalog.fileLists(), Clock.systemUTC());
  }

  /** With another program in the place of mongod. */
  MemberHost host(LocalServer member, Path mongod) {
    return new MemberHost(settings(member, mongod), catalog.fileLists(), Clock.systemUTC());
  }

  StageRequest stageRequest(String restore, LocalServer member) {
    return new StageRequest(
        restore, BACKUP, member.address(), "rs0", part().files(), part().snapshots());
  }

  StageRequest manualRequest(String restore, LocalServer member) {
    return new StageRequest(restore, BACKUP, member.address(), "rs0", part().files(), List.of());
  }

  RecoverRequest recoverRequest(String restore, LocalServer member) {
    return recoverRequest(restore, member, point());
  }

  RecoverRequest recoverRequest(String restore, LocalServer member, ClusterTime to) {
    return new RecoverRequest(
        restore,
        member.address(),
        part().checkpoint(),
        to,
        part().lastEntry(),
        part().entries(),
        "",
        "",
        "",
        Map.of(),
        Map.of(),
        newestTerm.addAndGet(100));
  }

  /** Restores every member to the point, as a workflow would have its agents do it. */
  void restoreEverywhere(String restore) {
    for (LocalServer member : members()) {
      host(member).stage(stageRequest(restore, member), ProgressListener.NONE, () -> {});
    }
    members().forEach(member -> host(member).stop(restore, () -> {}));
    members().forEach(member -> host(member).swap(restore, () -> {}));
    for (LocalServer member : members()) {
      host(member).recover(recoverRequest(restore, member), () -> {}, BeatGuard.NONE);
    }
    members().forEach(member -> host(member).start(restore, () -> {}));
    awaitPrimary();
    for (LocalServer member : members()) {
      host(member).proveStart(restore, point());
      host(member).release(restore, () -> {});
    }
  }

  /** How long the provider took to cut the source's files. */
  Duration cutTook() {
    return cutTook;
  }

  /** Leaves the set with documents that the backup does not have. */
  void writeMore() {
    try (MongoClient client = MongoClients.create(cluster.uri())) {
      MongoCollection<Document> orders = client.getDatabase("shop").getCollection("orders");
      for (int i = 0; i < 20; i++) {
        orders.insertOne(new Document("afterTheBackup", i));
      }
    }
  }

  /** Stays connected while the set is restored. */
  MongoClient application() {
    return MongoClients.create(
        MongoClientSettings.builder()
            .applyConnectionString(new ConnectionString(cluster.uri()))
            .applyToClusterSettings(s -> s.serverSelectionTimeout(40, TimeUnit.SECONDS))
            .build());
  }

  /** Returns once another election was won. */
  void stepDown() {
    LocalServer primary = primary();
    long before = term(primary);
    primary.run("admin", BsonDocument.parse("{replSetStepDown: 5, force: true}"));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> term(primary()) > before);
  }

  private LocalServer primary() {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                members().stream()
                    .filter(
                        m ->
                            m.run("admin", BsonDocument.parse("{hello: 1}"))
                                .getBoolean("isWritablePrimary", BsonBoolean.FALSE)
                                .getValue())
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private static long term(LocalServer member) {
    return member
        .run("admin", BsonDocument.parse("{replSetGetStatus: 1}"))
        .getNumber("term")
        .longValue();
  }

  ExpectedDocuments expectedAtPoint() {
    return expected;
  }

  ExpectedDocuments expectedNow() {
    return expectedAt(new BsonTimestamp((int) point().seconds() + 3600, 0));
  }

  Comparison compareNow(ExpectedDocuments documents) {
    return documents.compare(cluster.uri());
  }

  void awaitPrimary() {
    List<String> addresses = members().stream().map(LocalServer::address).toList();
    new StepUp(connections, Duration.ofMinutes(1))
        .run(new StepUpRequest(CLUSTER, "rs0", addresses, addresses.get(0)), waiting -> {});
  }

  void requireEndPoint() {
    RestoredEnd end = new RestoredEnd(connections);
    for (LocalServer member : members()) {
      EndPoint expected =
          new EndPoint(
              CLUSTER,
              member.address(),
              part().checkpoint(),
              point(),
              part().lastEntry(),
              part().entries());
      // A pooled connection to the server before the restart fails once, as an activity may.
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptionsMatching(
              e ->
                  e instanceof StillpointException known
                      && known.code() == ErrorCode.MONGO_UNREACHABLE)
          .untilAsserted(() -> end.compare(expected));
    }
  }

  @Override
  public void close() {
    calls.close();
    connections.close();
    cluster.close();
  }

  static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
  }

  static Path firstJournalFile(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("journal"))) {
      return files.sorted().findFirst().orElseThrow();
    }
  }

  private ExpectedDocuments expectedAt(BsonTimestamp time) {
    return new OplogOracle(List.of(cluster.uri())).at(time, Set.of(NAMESPACE));
  }

  private static void awaitWrites(LoadWriter load, long atLeast) {
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> load.acknowledged() >= atLeast);
  }

  private NodeSettings settings(LocalServer member) {
    return settings(member, Path.of(member.argv().get(0)));
  }

  private NodeSettings settings(LocalServer member, Path mongod) {
    return new NodeSettings(
        member.address(),
        member.dbPath(),
        mongod,
        Optional.empty(),
        member.argv().subList(1, member.argv().size()),
        List.of(),
        List.of(),
        Optional.empty(),
        snapshots,
        2);
  }
}
