package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.stillpoint.activity.CheckActivities.Examination;
import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.check.CheckItem;
import io.stillpoint.check.LeastPrivileges;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.mongo.BackupCursors;
import io.stillpoint.mongo.Balancer;
import io.stillpoint.mongo.ClusterCheck;
import io.stillpoint.mongo.TopologyReader;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.ClusterUsers;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The role is enough, and each of its parts is missed by name. Also on real servers. */
class LeastPrivilegeTest {

  /** A role is data, which a secondary has a little later than the primary. */
  private static final BsonDocument ON_BOTH_MEMBERS = BsonDocument.parse("{w: 2}");

  @TempDir static Path directory;
  private static LocalCluster cluster;
  private static Adapters adapters;

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(
                    directory.resolve("cluster"), ServerPrograms.fromSystemProperties(), 2)
                .withAuthentication()
                .withElectionTimeoutMillis(2_000));
    adapters = new Adapters(cluster.stillpointUri(), List.of(), directory.resolve("catalog"));
  }

  @AfterAll
  static void stop() {
    if (adapters != null) {
      adapters.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  @AfterEach
  void giveTheWholeRoleBack() {
    BsonDocument role = ClusterUsers.roleCommand();
    primary()
        .run(
            "admin",
            new BsonDocument("updateRole", new BsonString(LeastPrivileges.ROLE))
                .append("privileges", role.get("privileges"))
                .append("writeConcern", ON_BOTH_MEMBERS));
  }

  private static LocalServer primary() {
    return cluster.sets().get(0).awaitPrimary();
  }

  private static Examination examine() {
    return new ClusterCheck(
            adapters.connections,
            adapters.calls,
            new Balancer(adapters.connections),
            Clock.systemUTC())
        .examine(Adapters.CLUSTER);
  }

  private static List<CheckItem> wrong() {
    return examine().items().stream().filter(item -> !item.ok()).toList();
  }

  private static OpenRequest request(String operation) {
    return Adapters.request(operation, primary(), "rs0", ReplicaSetRole.REPLICA_SET);
  }

  private static void revoke(String resource, String action) {
    BsonDocument privilege =
        new BsonDocument("resource", BsonDocument.parse(resource))
            .append("actions", new BsonArray(List.of(new BsonString(action))));
    primary()
        .run(
            "admin",
            new BsonDocument("revokePrivilegesFromRole", new BsonString(LeastPrivileges.ROLE))
                .append("privileges", new BsonArray(List.of(privilege)))
                .append("writeConcern", ON_BOTH_MEMBERS));
  }

  @Test
  void shouldFindNothingWrongWithTheRole() {
    await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(wrong()).isEmpty());
    assertThat(examine().items())
        .filteredOn(item -> item.what().equals("privileges"))
        .hasSize(2)
        .allSatisfy(i -> assertThat(i.message()).isEqualTo("the user may do all that is needed"));
  }

  @Test
  void shouldOpenExtendAndCloseWithTheRole() {
    BackupCursor cursor = adapters.cursors.open(request("shop-1"), 1);
    var point = adapters.points.fix(Adapters.CLUSTER, List.of(cursor));
    assertThat(adapters.extension.extend(request("shop-1"), cursor, point, () -> {})).isNotNull();
    assertThat(adapters.cursors.close(cursor)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "appendOplogNote",
        "fsync",
        "getCmdLineOpts",
        "getParameter",
        "inprog",
        "replSetGetConfig",
        "replSetGetStatus",
        "replSetStateChange",
        "serverStatus",
        "shardingState"
      })
  void shouldNameAnActionThatIsMissing(String action) {
    revoke("{cluster: true}", action);

    assertThat(wrong())
        .filteredOn(item -> item.what().equals("privileges"))
        .isNotEmpty()
        .allSatisfy(
            item -> {
              assertThat(item.code()).isEqualTo(ErrorCode.MONGO_NOT_AUTHORIZED.name());
              assertThat(item.message()).isEqualTo("the user lacks " + action + " on the cluster");
            });
  }

  @Test
  void shouldNameACollectionThatCannotBeRead() {
    revoke("{db: 'local', collection: 'oplog.rs'}", "find");

    assertThat(wrong())
        .filteredOn(item -> item.what().equals("privileges"))
        .isNotEmpty()
        .allSatisfy(
            item -> assertThat(item.message()).isEqualTo("the user lacks find on local.oplog.rs"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "getCmdLineOpts",
        "getParameter",
        "replSetGetConfig",
        "replSetGetStatus",
        "shardingState"
      })
  void shouldFailThePlanNamingThePrivilege(String action) {
    revoke("{cluster: true}", action);

    StillpointException refused =
        catchThrowableOfType(
            StillpointException.class,
            () -> new TopologyReader(adapters.connections, adapters.calls).read(Adapters.CLUSTER));

    assertThat(refused.code()).isEqualTo(ErrorCode.MONGO_NOT_AUTHORIZED);
    assertThat(refused.hint()).contains("the action " + action, "stillpoint role");
  }

  @Test
  void shouldFailToOpenNamingThePrivilege() {
    revoke("{cluster: true}", "fsync");

    StillpointException refused =
        catchThrowableOfType(
            StillpointException.class, () -> adapters.cursors.open(request("shop-2"), 1));

    assertThat(refused.code()).isEqualTo(ErrorCode.MONGO_NOT_AUTHORIZED);
    assertThat(refused.hint()).contains("the action fsync on the cluster");
  }

  @Test
  void shouldSayWhoHoldsACursorAndLeaveItOpen() {
    BsonDocument opened =
        primary()
            .run(
                "admin",
                BsonDocument.parse(
                    "{aggregate: 1, pipeline: [{$backupCursor: {}}], cursor: {},"
                        + " comment: 'nightly of another tool'}"));
    long id = opened.getDocument("cursor").getNumber("id").longValue();

    assertThat(wrong())
        .filteredOn(item -> item.what().equals("cursor"))
        .singleElement()
        .satisfies(
            item -> {
              assertThat(item.code()).isEqualTo(ErrorCode.CURSOR_BUSY.name());
              assertThat(item.message()).endsWith("the comment 'nightly of another tool'");
            });
    StillpointException busy =
        catchThrowableOfType(
            StillpointException.class, () -> adapters.cursors.open(request("shop-3"), 1));
    assertThat(busy.code()).isEqualTo(ErrorCode.CURSOR_BUSY);

    assertThat(primary().run("admin", kill(id)).getArray("cursorsKilled"))
        .as("nobody else had closed it")
        .containsExactly(new BsonInt64(id));
  }

  @Test
  void shouldCloseWhatADeadTryOfTheSameOperationLeft() {
    BackupCursor left = adapters.cursors.open(request("shop-4"), 1);
    assertThat(wrong())
        .filteredOn(item -> item.what().equals("cursor"))
        .singleElement()
        .satisfies(item -> assertThat(item.message()).contains("backup 'shop-4'"));

    BackupCursor next = adapters.cursors.open(request("shop-4"), 2);

    assertThat(primary().run("admin", kill(left.cursorId())).getArray("cursorsNotFound"))
        .containsExactly(new BsonInt64(left.cursorId()));
    assertThat(adapters.cursors.close(next)).isTrue();
  }

  @Test
  void shouldCloseWhatADeadOperationLeftAndNothingElse() {
    BackupCursor left = adapters.cursors.open(request("shop-5"), 1);
    BackupCursors next =
        new BackupCursors(
            adapters.connections,
            adapters.catalog.fileLists(),
            Duration.ofSeconds(10),
            Duration.ofSeconds(2));
    // Not while it may be in use.
    assertThat(
            catchThrowableOfType(
                    StillpointException.class, () -> adapters.cursors.open(request("shop-6"), 1))
                .code())
        .isEqualTo(ErrorCode.CURSOR_BUSY);

    BackupCursor opened =
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptionsMatching(
                e -> e instanceof StillpointException busy && busy.code() == ErrorCode.CURSOR_BUSY)
            .until(() -> next.open(request("shop-6"), 1), cursor -> true);

    assertThat(primary().run("admin", kill(left.cursorId())).getArray("cursorsNotFound"))
        .containsExactly(new BsonInt64(left.cursorId()));
    assertThat(adapters.cursors.close(opened)).isTrue();
  }

  @Test
  void shouldReportAMemberThatIsDown() {
    LocalServer secondary = cluster.members().get(1);
    cluster.sets().get(0).awaitPrimary();
    secondary.kill();
    try {
      assertThat(examine().items())
          .filteredOn(item -> item.subject().equals(secondary.address()))
          .anySatisfy(
              item -> {
                assertThat(item.ok()).isFalse();
                assertThat(item.message()).contains("DOWN");
              });
    } finally {
      secondary.start();
      cluster.sets().get(0).awaitPrimary();
      cluster.sets().get(0).awaitHealthy();
      await().atMost(Duration.ofSeconds(60)).until(() -> wrong().isEmpty());
    }
  }

  private static BsonDocument kill(long id) {
    return new BsonDocument("killCursors", new BsonString("$cmd.aggregate"))
        .append("cursors", new BsonArray(List.of(new BsonInt64(id))));
  }
}
