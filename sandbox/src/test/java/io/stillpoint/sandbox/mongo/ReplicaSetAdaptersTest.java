package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.ClusterActivities.EndPoint;
import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.activity.CursorActivities.Extended;
import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.mongo.ClusterSettings;
import io.stillpoint.mongo.MongoConnections;
import io.stillpoint.mongo.RestoredEnd;
import io.stillpoint.mongo.SetConfiguration;
import io.stillpoint.mongo.SetDescriber;
import io.stillpoint.mongo.StepUp;
import io.stillpoint.mongo.TopologyReader;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.wire.CommandException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The adapters against a replica set of three members. */
final class ReplicaSetAdaptersTest {

  @TempDir private static Path directory;
  private static LocalCluster cluster;

  private Adapters worker;

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(
                    directory.resolve("cluster"), ServerPrograms.fromSystemProperties(), 3)
                .withElectionTimeoutMillis(2000));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void connect() {
    worker = newWorker();
  }

  @AfterEach
  void disconnect() {
    for (LocalServer member : cluster.members()) {
      for (int i = 1; i <= 9; i++) {
        worker.cursors.closeOrphans(request("op-" + i, member));
      }
    }
    worker.close();
  }

  @Test
  void shouldRefuseASecondNameForTheSameServers() {
    List<LocalServer> members = cluster.members();
    ClusterSettings alias =
        new ClusterSettings("alias", "mongodb://" + members.get(1).address(), List.of());
    ClusterSettings shop =
        new ClusterSettings(Adapters.CLUSTER, "mongodb://" + members.get(0).address(), List.of());

    assertThat(refusalOf(shop, alias))
        .hasMessageContaining("clusters 'shop' and 'alias' are the same servers")
        .hasMessageContaining(members.get(1).address());
    ClusterSettings elsewhere =
        new ClusterSettings("elsewhere", "mongodb://127.0.0.1:1", List.of());
    assertThat(refusalOf(shop, elsewhere)).isNull();
  }

  @Test
  void shouldRefuseAUriThatAsksForAnotherSet() {
    String uri = "mongodb://" + cluster.members().get(0).address();

    assertThat(
            refusalOf(new ClusterSettings(Adapters.CLUSTER, uri + "/?replicaSet=other", List.of())))
        .hasMessageContaining("asks for replica set 'other', its servers are of [rs0]");
  }

  @Test
  void shouldRefuseACatalogOnTheClusterThatItRecords() {
    List<LocalServer> members = cluster.members();
    ClusterSettings shop =
        new ClusterSettings(Adapters.CLUSTER, "mongodb://" + members.get(0).address(), List.of());

    assertThat(
            refusalOf(
                new MongoConnections(
                    List.of(shop),
                    Optional.of("mongodb://u:p@" + members.get(2).address() + "/stillpoint"))))
        .hasMessageContaining("the catalog is kept on cluster 'shop' itself")
        .hasMessageNotContaining("u:p");
  }

  private StillpointException refusalOf(ClusterSettings... clusters) {
    return refusalOf(new MongoConnections(List.of(clusters)));
  }

  private StillpointException refusalOf(MongoConnections used) {
    try (MongoConnections connections = used) {
      StillpointException refusal =
          catchThrowableOfType(
              StillpointException.class,
              () -> new TopologyReader(connections, worker.calls).read(Adapters.CLUSTER));
      if (refusal != null) {
        assertThat(refusal.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID);
      }
      return refusal;
    }
  }

  @Test
  void shouldReadTheTopology() {
    ClusterTopology topology =
        new TopologyReader(worker.connections, worker.calls).read(Adapters.CLUSTER);

    assertThat(topology.sharded()).isFalse();
    assertThat(topology.inFlight()).isEmpty();
    assertThat(topology.replicaSets())
        .singleElement()
        .satisfies(
            set -> {
              assertThat(set.name()).isEqualTo("rs0");
              assertThat(set.role()).isEqualTo(ReplicaSetRole.REPLICA_SET);
              assertThat(set.featureCompatibilityVersion()).isNotEmpty();
              assertThat(set.featureCompatibilityChanging()).isFalse();
              assertThat(set.primary().map(MemberState::address)).contains(primary().address());
            });
    assertThat(topology.replicaSets().get(0).members())
        .extracting(MemberState::address)
        .containsExactlyElementsOf(cluster.members().stream().map(LocalServer::address).toList());
    assertThat(topology.replicaSets().get(0).members())
        .allSatisfy(
            m -> {
              assertThat(m.backupCursors()).isTrue();
              assertThat(m.version()).isNotEmpty();
              assertThat(m.isReadable()).isTrue();
              assertThat(m.lagSeconds()).isLessThan(20);
            });
    MemberState hidden = topology.replicaSets().get(0).members().get(2);
    assertThat(hidden.hidden()).isTrue();
    assertThat(hidden.priority()).isZero();
    assertThat(hidden.dbPath()).isEqualTo(cluster.members().get(2).dbPath().toString());
    assertThat(backupCursorOpen(hidden().address())).isFalse();
  }

  @Test
  void shouldKeepTheWholeConfiguration() {
    BsonDocument configuration =
        BsonDocument.parse(new SetConfiguration(worker.connections).read(Adapters.CLUSTER, "rs0"));
    assertThat(configuration.getArray("members")).hasSize(3);
    assertThat(configuration.getDocument("settings").getNumber("electionTimeoutMillis").intValue())
        .isEqualTo(2000);
  }

  @Test
  void shouldListFilesThatExist() {
    BackupCursor cursor = worker.cursors.open(request("op-1", hidden()), 1);

    try (Stream<FileEntry> entries = worker.catalog.fileLists().entries("op-1", cursor.files())) {
      assertThat(entries)
          .hasSizeGreaterThan(5)
          .allSatisfy(e -> assertThat(Path.of(cursor.dbPath()).resolve(e.path())).exists());
    }
    assertThat(cursor.oplogEnd().compareTo(cursor.checkpoint())).isNotNegative();
    assertThat(worker.cursors.close(cursor)).isTrue();
    assertThat(worker.cursors.close(cursor)).isFalse();
    assertLost(cursor);
  }

  @Test
  void shouldAdoptACursorWhoseFirstHolderIsGone() {
    BackupCursor cursor;
    try (Adapters first = newWorker()) {
      cursor = first.cursors.open(request("op-2", hidden()), 1);
    }
    worker.cursors.touch(cursor);
    assertThat(worker.cursors.close(cursor)).isTrue();
  }

  @Test
  void shouldNotContinueACursorWithAnotherSession() {
    BackupCursor cursor = worker.cursors.open(request("op-3", hidden()), 1);
    BackupCursor wrong =
        new BackupCursor(
            cursor.cluster(),
            cursor.set(),
            cursor.member(),
            cursor.cursorId(),
            UUID.randomUUID().toString(),
            cursor.cursorBackupId(),
            cursor.dbPath(),
            cursor.checkpoint(),
            cursor.oplogStart(),
            cursor.oplogEnd(),
            cursor.files());

    assertThat(catchThrowableOfType(StillpointException.class, () -> worker.cursors.touch(wrong)))
        .hasMessageContaining("session");

    worker.cursors.touch(cursor);
  }

  @Test
  void shouldReplaceTheCursorOfAnEarlierTryAndNotThatOfALater() {
    BackupCursor first = worker.cursors.open(request("op-4", hidden()), 1);
    BackupCursor second = worker.cursors.open(request("op-4", hidden()), 2);
    assertLost(first);

    try (Adapters zombie = newWorker()) {
      assertThat(
              catchThrowableOfType(
                      StillpointException.class,
                      () -> zombie.cursors.open(request("op-4", hidden()), 1))
                  .code())
          .isEqualTo(ErrorCode.CURSOR_BUSY);
    }

    worker.cursors.touch(second);
    assertThat(worker.cursors.closeOrphans(request("op-4", hidden()))).isOne();
    assertThat(worker.cursors.closeOrphans(request("op-4", hidden()))).isZero();
    assertLost(second);
  }

  @Test
  void shouldLeaveAnotherToolsCursorAlone() {
    LocalServer member = secondary();
    BsonDocument opened =
        member.run(
            "admin",
            BsonDocument.parse(
                "{aggregate:1,pipeline:[{$backupCursor:{}}],cursor:{},comment:'somebody else',"
                    + "$readPreference:{mode:'secondaryPreferred'}}"));
    long id = opened.getDocument("cursor").getInt64("id").getValue();
    String more = "{getMore:{$numberLong:'%d'},collection:'$cmd.aggregate'}".formatted(id);
    try {
      StillpointException busy =
          catchThrowableOfType(
              StillpointException.class, () -> worker.cursors.open(request("op-5", member), 1));
      assertThat(busy.code()).isEqualTo(ErrorCode.CURSOR_BUSY);
      assertThat(busy.text()).contains("somebody else");
      assertThat(worker.cursors.closeOrphans(request("op-5", member))).isZero();
      member.run("admin", BsonDocument.parse(more));
    } finally {
      member.run(
          "admin",
          BsonDocument.parse(
              "{killCursors:'$cmd.aggregate',cursors:[{$numberLong:'%d'}]}".formatted(id)));
    }
  }

  @Test
  void shouldLoseACursorThatNobodyKeepsAlive() {
    LocalServer member = secondary();
    member.run("admin", BsonDocument.parse("{setParameter:1,cursorTimeoutMillis:1500}"));
    member.run("admin", BsonDocument.parse("{setParameter:1,clientCursorMonitorFrequencySecs:1}"));
    letSessionsTimeOut(member, true);
    try {
      BackupCursor kept = worker.cursors.open(request("op-6", member), 1);
      await()
          .pollInterval(Duration.ofMillis(200))
          .during(Duration.ofSeconds(4))
          .atMost(Duration.ofSeconds(10))
          .until(
              () -> {
                worker.cursors.touch(kept);
                return true;
              });
      await().atMost(Duration.ofSeconds(20)).until(() -> !backupCursorOpen(member.address()));
      assertLost(kept);
    } finally {
      member.run("admin", BsonDocument.parse("{setParameter:1,cursorTimeoutMillis:600000}"));
      letSessionsTimeOut(member, false);
    }
  }

  /** Newer servers spare cursors of sessions, which otherwise live for half an hour. */
  private static void letSessionsTimeOut(LocalServer member, boolean yes) {
    String command = "{setParameter:1,enableTimeoutOfInactiveSessionCursors:%s}".formatted(yes);
    try {
      member.run("admin", BsonDocument.parse(command));
    } catch (CommandException e) {
      assertThat(e).as("only 4.4 has no such parameter").hasMessageContaining("arameter");
    }
  }

  @Test
  void shouldFixAPointExtendToItAndDescribeIt() {
    insert(20);
    OpenRequest request = request("op-7", hidden());
    worker.catalog.begin(
        new BeginRequest(
            "op-7", Adapters.CLUSTER, SnapshotType.MANUAL, "backup/op-7 run", Map.of()));
    BackupCursor cursor = worker.cursors.open(request, 1);
    insert(30);

    Point point = worker.points.fix(Adapters.CLUSTER, List.of(cursor));
    FileListRef files = worker.extension.extend(request, cursor, point, () -> {});

    assertThat(point.inFlight()).isEmpty();
    assertThat(point.time().isAfter(cursor.checkpoint())).isTrue();
    assertThat(point.time().isAfter(cursor.oplogEnd())).isTrue();
    assertThat(files.files()).isGreaterThan(cursor.files().files());
    assertThat(worker.extension.extend(request, cursor, point, () -> {}).files())
        .isGreaterThanOrEqualTo(files.files());

    insert(5);
    Extended extended =
        new SetDescriber(worker.connections, worker.catalog)
            .describe(request, cursor.withFiles(files), point.time());

    assertThat(extended.lastEntry().isAfter(point.time())).isFalse();
    assertThat(extended.entries()).isGreaterThanOrEqualTo(30);
    assertThat(extended.warnings()).isEmpty();
    ManifestSet part = worker.catalog.parts("op-7", 1).get(0);
    assertThat(part.files()).isEqualTo(files);
    assertThat(part.registryWritten()).isFalse();
    assertThat(part.hosts()).hasSize(3);
    assertThat(part.checkpoint()).isEqualTo(cursor.checkpoint());
    assertThat(part.storageOptions()).contains("wiredTiger");

    worker.cursors.touch(cursor);
    assertThat(worker.cursors.close(cursor)).isTrue();
    shouldCompareWith(part, point);
  }

  /** On the source itself everything matches but for what was written after the point. */
  private void shouldCompareWith(ManifestSet part, Point point) {
    RestoredEnd end = new RestoredEnd(worker.connections);
    assertThat(failureOf(end, endPoint(part, point, part.entries())))
        .contains("still holds the source's oplog entry");
    assertThat(failureOf(end, endPoint(part, point, part.entries() + 5)))
        .contains("the manifest says " + (part.entries() + 5));
  }

  private static String failureOf(RestoredEnd end, EndPoint expected) {
    StillpointException e =
        catchThrowableOfType(StillpointException.class, () -> end.compare(expected));
    assertThat(e.code()).isEqualTo(ErrorCode.POINT_NOT_PROVEN);
    return e.getMessage();
  }

  private static EndPoint endPoint(ManifestSet part, Point point, long entries) {
    return new EndPoint(
        Adapters.CLUSTER,
        part.member(),
        part.checkpoint(),
        point.time(),
        part.lastEntry(),
        entries);
  }

  @Test
  void shouldTakeANewPointWhenTheClusterIsIdle() {
    BackupCursor cursor = worker.cursors.open(request("op-8", primary()), 1);
    Point first = worker.points.fix(Adapters.CLUSTER, List.of(cursor));
    Point second = worker.points.fix(Adapters.CLUSTER, List.of(cursor));
    assertThat(second.time().compareTo(first.time())).isNotNegative();
    assertThat(first.clusterTime()).contains("clusterTime", "signature");
  }

  @Test
  void shouldSurviveAStepDownOfTheMemberThatHoldsTheCursor() {
    LocalServer holder = primary();
    OpenRequest request = request("op-9", holder);
    BackupCursor cursor = worker.cursors.open(request, 1);
    try {
      holder.run("admin", BsonDocument.parse("{replSetStepDown:3,force:true}"));
    } catch (CommandException e) {
      assertThat(e).as("the server may answer only when it is no primary").isNotNull();
    }
    worker.cursors.touch(cursor);
    await().atMost(Duration.ofSeconds(30)).until(() -> cluster.sets().get(0).primary().isPresent());
    Point point = worker.points.fix(Adapters.CLUSTER, List.of(cursor));
    worker.extension.extend(request, cursor, point, () -> {});
    assertThat(worker.cursors.close(cursor)).isTrue();
  }

  @Test
  void shouldMakeThePreferredMemberPrimaryWithoutWaitingForAnElection() {
    cluster.stopAll();
    cluster.members().forEach(LocalServer::launch);
    LocalServer preferred = cluster.members().get(0);

    new StepUp(worker.connections, Duration.ofSeconds(60))
        .run(
            new StepUpRequest(
                Adapters.CLUSTER,
                "rs0",
                cluster.members().stream().map(LocalServer::address).toList(),
                preferred.address()),
            states -> {});

    assertThat(cluster.sets().get(0).primary()).isPresent();
    cluster.sets().get(0).awaitHealthy();
  }

  @Test
  void shouldReportAMemberThatIsDownAndGoOn() {
    LocalServer down = secondary();
    down.kill();
    try {
      ClusterTopology topology =
          new TopologyReader(worker.connections, worker.calls).read(Adapters.CLUSTER);
      assertThat(topology.replicaSets().get(0).members())
          .filteredOn(m -> m.address().equals(down.address()))
          .extracting(MemberState::state)
          .containsExactly("DOWN");
      StillpointException late =
          catchThrowableOfType(
              StillpointException.class,
              () ->
                  new StepUp(worker.connections, Duration.ofMillis(100))
                      .run(
                          new StepUpRequest(
                              Adapters.CLUSTER,
                              "rs0",
                              List.of(primary().address(), down.address()),
                              primary().address()),
                          states -> {}));
      assertThat(late.code()).isEqualTo(ErrorCode.MONGOD_NOT_STARTED);
      assertThat(late.getMessage()).contains(down.address() + "=not answering");
    } finally {
      down.start();
      cluster.sets().get(0).awaitHealthy();
    }
  }

  private void assertLost(BackupCursor cursor) {
    assertThat(
            catchThrowableOfType(StillpointException.class, () -> worker.cursors.touch(cursor))
                .code())
        .isEqualTo(ErrorCode.CURSOR_LOST);
  }

  private static void insert(int documents) {
    for (int i = 0; i < documents; i++) {
      primary()
          .run(
              "shop",
              BsonDocument.parse(
                  "{insert:'orders',documents:[{n:%d}],writeConcern:{w:1}}".formatted(i)));
    }
  }

  private static boolean backupCursorOpen(String address) {
    return cluster.members().stream()
        .filter(m -> m.address().equals(address))
        .map(m -> m.run("admin", BsonDocument.parse("{serverStatus:1}")))
        .anyMatch(s -> s.getDocument("storageEngine").getBoolean("backupCursorOpen").getValue());
  }

  private static LocalServer primary() {
    return cluster.sets().get(0).awaitPrimary();
  }

  private static LocalServer hidden() {
    return cluster.members().get(2);
  }

  /** Neither primary nor hidden. */
  private static LocalServer secondary() {
    String primary = primary().address();
    return cluster.members().stream()
        .limit(2)
        .filter(m -> !m.address().equals(primary))
        .findFirst()
        .orElseThrow();
  }

  private static OpenRequest request(String operation, LocalServer member) {
    return Adapters.request(operation, member, "rs0", ReplicaSetRole.REPLICA_SET);
  }

  private static Adapters newWorker() {
    return new Adapters(cluster.uri(), List.of(), directory.resolve("catalog"));
  }
}
