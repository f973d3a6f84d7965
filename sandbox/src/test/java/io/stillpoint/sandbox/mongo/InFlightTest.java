package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.mongo.QuietWatch;
import io.stillpoint.mongo.SetDescriber;
import io.stillpoint.mongo.Settling;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What lies across the consistent point: seen before the cursors open, before extend, and after.
 */
final class InFlightTest {

  private static final Duration SOON = Duration.ofMillis(100);

  @TempDir private static Path directory;
  private static LocalCluster cluster;

  private Adapters worker;

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.sharded(
                    directory.resolve("cluster"), ServerPrograms.fromSystemProperties(), 2, 1)
                .withSetParameters(Map.of("enableTestCommands", "1"))
                .withElectionTimeoutMillis(2000));
    run(cluster.mongos().orElseThrow(), "admin", "{enableSharding: 'shop'}");
    // It would move back what these tests move, and that is in flight too.
    run(cluster.mongos().orElseThrow(), "admin", "{balancerStop: 1}");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void connect() {
    worker = new Adapters(cluster.uri(), List.of(), directory.resolve("catalog"));
  }

  @AfterEach
  void disconnect() {
    worker.close();
  }

  private static LocalServer configServer() {
    return cluster.configServer().members().get(0);
  }

  private static LocalServer shard() {
    return cluster.dataSets().get(0).members().get(0);
  }

  private static BsonDocument run(LocalServer server, String database, String command) {
    return server.run(database, BsonDocument.parse(command));
  }

  private static List<StepUpRequest> sets() {
    return cluster.sets().stream()
        .map(
            s -> {
              String address = s.members().get(0).address();
              return new StepUpRequest(Adapters.CLUSTER, s.name(), List.of(address), address);
            })
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "config|locks|{_id: 'shop.o', state: 2, why: 'drop'}|lock 'shop.o' is held: drop",
        "config|migrations|{_id: 1, ns: 'shop.o', fromShard: 'a', toShard: 'b'}|"
            + "a chunk of shop.o migrates from a to b",
        "config|reshardingOperations|{_id: 1, ns: 'shop.o'}|shop.o is being resharded",
        "shard|migrationCoordinators|{_id: 1, nss: 'shop.o', donorShardId: 'a', recipientShardId:"
            + " 'b'}|coordinates a migration of shop.o from a to b",
        "shard|system.sharding_ddl_coordinators|{_id: {operationType: 'drop', namespace:"
            + " 'shop.o'}}|coordinates drop on shop.o"
      })
  void shouldWaitForWhatIsInFlight(
      String where, String collection, String document, String sentence) {
    assumeTrue(
        !collection.startsWith("system.") || ServerPrograms.fromSystemProperties().isSimulated(),
        "a real server lets nobody write there, and 4.4 has no such collection");
    LocalServer server = where.equals("config") ? configServer() : shard();
    QuietWatch quiet = new QuietWatch(worker.connections, worker.calls, SOON);
    run(server, "config", "{insert: '%s', documents: [%s]}".formatted(collection, document));
    List<String> told = new ArrayList<>();
    try {
      StillpointException refused =
          catchThrowableOfType(
              StillpointException.class, () -> quiet.await(Adapters.CLUSTER, told::addAll));
      assertThat(refused.code()).isEqualTo(ErrorCode.CLUSTER_NOT_QUIET);
      assertThat(told).isNotEmpty().allMatch(each -> each.contains(sentence));
    } finally {
      run(server, "config", "{delete: '%s', deletes: [{q: {}, limit: 0}]}".formatted(collection));
    }
    quiet.await(Adapters.CLUSTER, left -> {});
  }

  /** Held by the donor: the documents are copied, and then also committed on the config server. */
  @ParameterizedTest
  @ValueSource(ints = {4, 6})
  void shouldWaitForAChunkThatIsHeldOnItsWay(int step) {
    LocalServer router = cluster.mongos().orElseThrow();
    QuietWatch quiet = new QuietWatch(worker.connections, worker.calls, SOON);
    BsonDocument chunk = chunkOnFirstShard();
    String failPoint = "{configureFailPoint: 'moveChunkHangAtStep" + step + "', mode: '%s'}";
    run(shard(), "admin", failPoint.formatted("alwaysOn"));
    CompletableFuture<BsonDocument> moved =
        CompletableFuture.supplyAsync(
            () ->
                router.run(
                    "admin",
                    BsonDocument.parse("{moveChunk: 'shop.orders', to: 'shard1'}")
                        .append(
                            "bounds", new BsonArray(List.of(chunk.get("min"), chunk.get("max"))))));
    List<String> told = new ArrayList<>();
    try {
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                told.clear();
                StillpointException refused =
                    catchThrowableOfType(
                        StillpointException.class,
                        () -> quiet.await(Adapters.CLUSTER, told::addAll));
                assertThat(refused).as("quiet before the chunk moved").isNotNull();
                assertThat(refused.code()).isEqualTo(ErrorCode.CLUSTER_NOT_QUIET);
                assertThat(told)
                    .contains(
                        "lock 'shop.orders' is held: Migrating chunk(s) in collection shop.orders",
                        "a chunk of shop.orders migrates from shard0 to shard1",
                        "shard set 'rs0' coordinates a migration of shop.orders from shard0 to"
                            + " shard1");
              });
      assertThat(moved).isNotDone();
    } finally {
      run(shard(), "admin", failPoint.formatted("off"));
    }
    assertThat(moved.orTimeout(30, TimeUnit.SECONDS).join().getNumber("ok").intValue())
        .isEqualTo(1);
    new QuietWatch(worker.connections, worker.calls, Duration.ofSeconds(30))
        .await(Adapters.CLUSTER, left -> {});
  }

  private static BsonDocument chunkOnFirstShard() {
    return run(configServer(), "config", "{find: 'chunks', filter: {shard: 'shard0'}}")
        .getDocument("cursor")
        .getArray("firstBatch")
        .get(0)
        .asDocument();
  }

  @ParameterizedTest
  @ValueSource(strings = {"migrations", "migrationCoordinators", "transaction_coordinators"})
  void shouldSayWhatTheRestoredServersHaveNotFinished(String collection) {
    LocalServer server = collection.equals("migrations") ? configServer() : shard();
    Settling settling = new Settling(worker.connections, worker.calls, SOON);
    run(server, "config", "{insert: '%s', documents: [{_id: 'left'}]}".formatted(collection));
    try {
      StillpointException refused =
          catchThrowableOfType(
              StillpointException.class,
              () -> settling.await(Adapters.CLUSTER, sets(), left -> {}));
      assertThat(refused.code()).isEqualTo(ErrorCode.NOT_SETTLED);
      assertThat(refused)
          .hasMessageContaining(
              "config.%s on set '%s' is not empty".formatted(collection, server.set()));
    } finally {
      run(server, "config", "{delete: '%s', deletes: [{q: {}, limit: 0}]}".formatted(collection));
    }
    settling.await(Adapters.CLUSTER, sets(), left -> {});
  }

  @Test
  void shouldSettleOnlyWhenAPreparedTransactionIsDecided() {
    Settling settling = new Settling(worker.connections, worker.calls, SOON);
    run(shard(), "shop", "{insert: 'doubt', documents: [{_id: 1}], writeConcern: {w: 'majority'}}");
    BsonDocument session = new BsonDocument("id", new BsonBinary(UUID.randomUUID()));
    shard()
        .run(
            "shop",
            inTransaction(
                "{update: 'doubt', startTransaction: true, updates: [{q: {_id: 1}, u: {$set: {v:"
                    + " 1}}}]}",
                session));
    shard()
        .run(
            "admin",
            inTransaction("{prepareTransaction: 1, writeConcern: {w: 'majority'}}", session));
    List<String> told = new ArrayList<>();
    StillpointException refused;
    try {
      refused =
          catchThrowableOfType(
              StillpointException.class,
              () -> settling.await(Adapters.CLUSTER, sets(), told::addAll));
      assertThat(run(shard(), "shop", "{find: 'doubt'}").toString()).doesNotContain("\"v\"");
    } finally {
      shard().run("admin", inTransaction("{abortTransaction: 1}", session));
    }
    assertThat(refused.code()).isEqualTo(ErrorCode.NOT_SETTLED);
    assertThat(told).anyMatch(each -> each.startsWith("1 prepared transactions on set"));
    settling.await(Adapters.CLUSTER, sets(), left -> {});
  }

  private static BsonDocument inTransaction(String command, BsonDocument session) {
    return BsonDocument.parse(command)
        .append("lsid", session)
        .append("txnNumber", new BsonInt64(1))
        .append("autocommit", BsonBoolean.FALSE);
  }

  @Test
  void shouldWriteIntoTheManifestWhatBeganBetweenOpenAndPoint() {
    worker.catalog.begin(
        new BeginRequest("shop-1", Adapters.CLUSTER, SnapshotType.MANUAL, "test", Map.of()));
    OpenRequest request =
        Adapters.request("shop-1", configServer(), "config", ReplicaSetRole.CONFIG_SERVER);
    BackupCursor cursor = worker.cursors.open(request, 1);
    try {
      run(
          cluster.mongos().orElseThrow(),
          "admin",
          "{shardCollection: 'shop.begun', key: {_id: 'hashed'}}");
      Point point = worker.points.fix(Adapters.CLUSTER, List.of(cursor));
      assertThat(point.inFlight()).isEmpty();
      cursor = cursor.withFiles(worker.extension.extend(request, cursor, point, () -> {}));

      new SetDescriber(worker.connections, worker.catalog).describe(request, cursor, point.time());

      ManifestSet part = worker.catalog.parts("shop-1", 1).get(0);
      assertThat(part.warnings())
          .anyMatch(
              each ->
                  each.startsWith(
                      "config.locks was written while the cursors opened (shop.begun)"));
    } finally {
      worker.cursors.closeOrphans(request);
    }
  }
}
