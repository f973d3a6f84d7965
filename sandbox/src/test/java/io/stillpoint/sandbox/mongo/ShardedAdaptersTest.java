package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stillpoint.activities.BalancerActivitiesImpl;
import io.stillpoint.activity.BalancerActivities;
import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.OperationRecord;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.ReplicaSetState;
import io.stillpoint.mongo.Balancer;
import io.stillpoint.mongo.QuietWatch;
import io.stillpoint.mongo.Settling;
import io.stillpoint.mongo.TopologyReader;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.temporal.testing.TestActivityEnvironment;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.bson.BsonDocument;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The adapters against a sharded cluster of two shards, a config server and a router. */
final class ShardedAdaptersTest {

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
                .withElectionTimeoutMillis(2000));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void connect() {
    worker = worker(cluster.uri(), List.of());
  }

  @AfterEach
  void disconnect() {
    worker.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mongos", "config", "shard"})
  void shouldFindTheWholeClusterFromAnyOfItsServers(String kind) {
    String address =
        switch (kind) {
          case "mongos" -> cluster.mongos().orElseThrow().address();
          case "config" -> cluster.configServer().members().get(0).address();
          default -> cluster.dataSets().get(1).members().get(0).address();
        };
    try (Adapters adapters = worker("mongodb://" + address, List.of())) {
      ClusterTopology topology =
          new TopologyReader(adapters.connections, adapters.calls).read(Adapters.CLUSTER);

      assertThat(topology.sharded()).isTrue();
      assertThat(topology.clusterId()).hasSize(24);
      assertThat(topology.inFlight()).isEmpty();
      assertThat(topology.replicaSets())
          .extracting(ReplicaSetState::role)
          .containsExactly(
              ReplicaSetRole.CONFIG_SERVER, ReplicaSetRole.SHARD, ReplicaSetRole.SHARD);
      assertThat(topology.replicaSets())
          .extracting(ReplicaSetState::shardId)
          .containsExactly("config", "shard0", "shard1");
      assertThat(topology.replicaSets())
          .extracting(ReplicaSetState::name)
          .containsExactlyElementsOf(cluster.sets().stream().map(LocalReplicaSet::name).toList());
      assertThat(topology.routers()).hasSize(kind.equals("mongos") ? 1 : 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldGiveTheBalancerBackExactlyAsItWas(boolean throughRouter) {
    String config = "mongodb://" + cluster.configServer().members().get(0).address();
    try (Adapters adapters =
        throughRouter ? worker(cluster.uri(), List.of()) : worker(config, List.of())) {
      Balancer balancer = new Balancer(adapters.connections);
      setting(
          "balancer",
          "{_id:'balancer',mode:'full',stopped:false,"
              + "activeWindow:{start:'01:00',stop:'05:00'}}");
      setting("autosplit", "{_id:'autosplit',enabled:false}");
      BalancerSettings saved = balancer.read(Adapters.CLUSTER);
      assertThat(saved.enabled()).isTrue();

      balancer.stop(Adapters.CLUSTER, () -> {});
      balancer.stop(Adapters.CLUSTER, () -> {});
      BalancerSettings stopped = balancer.read(Adapters.CLUSTER);
      assertThat(stopped.enabled()).isFalse();
      assertThat(stopped).isNotEqualTo(saved);

      balancer.write(Adapters.CLUSTER, saved);
      balancer.write(Adapters.CLUSTER, saved);
      assertThat(balancer.read(Adapters.CLUSTER)).isEqualTo(saved);
      assertThat(saved.balancer()).contains("activeWindow");
    }
  }

  @Test
  void shouldRemoveSettingsThatWereNotThereBefore() {
    LocalServer config = cluster.configServer().members().get(0);
    config.run("config", BsonDocument.parse("{delete:'settings',deletes:[{q:{},limit:0}]}"));
    Balancer balancer = new Balancer(worker.connections);
    BalancerSettings saved = balancer.read(Adapters.CLUSTER);
    assertThat(saved).isEqualTo(new BalancerSettings("", "", true));

    balancer.stop(Adapters.CLUSTER, () -> {});
    assertThat(balancer.read(Adapters.CLUSTER).enabled()).isFalse();
    balancer.write(Adapters.CLUSTER, saved);

    assertThat(balancer.read(Adapters.CLUSTER)).isEqualTo(saved);
  }

  /** An attempt that hung while its operation went on without it. */
  @Test
  void shouldGiveTheBalancerBackAgainThatWasStoppedTooLate() {
    Balancer balancer = new Balancer(worker.connections);
    setting("balancer", "{_id:'balancer',mode:'full',stopped:false}");
    BalancerSettings saved = balancer.read(Adapters.CLUSTER);
    OperationRecord record =
        new OperationRecord(
            Adapters.CLUSTER, "backup/b1", "backup", Instant.EPOCH, saved, Map.of());
    AtomicInteger reads = new AtomicInteger();
    BackupCatalog forgetting =
        (BackupCatalog)
            Proxy.newProxyInstance(
                BackupCatalog.class.getClassLoader(),
                new Class<?>[] {BackupCatalog.class},
                (proxy, method, arguments) ->
                    reads.getAndIncrement() == 0 ? Optional.of(record) : Optional.empty());
    TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();
    try {
      temporal.registerActivitiesImplementations(
          new BalancerActivitiesImpl(balancer, forgetting, Clock.systemUTC()));
      BalancerActivities late = temporal.newActivityStub(BalancerActivities.class);

      assertThatThrownBy(() -> late.stop(Adapters.CLUSTER, "backup/b1"))
          .hasStackTraceContaining("has given it back already");
    } finally {
      temporal.close();
    }

    assertThat(reads).hasValue(2);
    assertThat(balancer.read(Adapters.CLUSTER)).isEqualTo(saved);
  }

  @Test
  void shouldStopTheBalancerForAnOperationAndGiveItBack() {
    Balancer balancer = new Balancer(worker.connections);
    setting("balancer", "{_id:'balancer',mode:'full',stopped:false}");
    BalancerSettings before = balancer.read(Adapters.CLUSTER);
    TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();
    try {
      temporal.registerActivitiesImplementations(
          new BalancerActivitiesImpl(balancer, worker.catalog, Clock.systemUTC()));
      BalancerActivities activities = temporal.newActivityStub(BalancerActivities.class);

      BalancerSettings saved = activities.save(Adapters.CLUSTER, "backup/b2");
      activities.stop(Adapters.CLUSTER, "backup/b2");
      assertThat(balancer.read(Adapters.CLUSTER).enabled()).isFalse();
      activities.restore(Adapters.CLUSTER, "backup/b2", saved);
    } finally {
      temporal.close();
    }

    assertThat(balancer.read(Adapters.CLUSTER)).isEqualTo(before);
  }

  @Test
  void shouldWaitForHeldLocksAndMigrations() {
    LocalServer config = cluster.configServer().members().get(0);
    QuietWatch quiet = new QuietWatch(worker.connections, worker.calls, SOON);
    quiet.await(Adapters.CLUSTER, left -> {});
    insert(
        config,
        "locks",
        "{_id:'shop.held',state:2,why:'Migrating chunk(s) in collection shop.orders'}");
    try {
      StillpointException refused =
          catchThrowableOfType(
              StillpointException.class, () -> quiet.await(Adapters.CLUSTER, left -> {}));
      assertThat(refused.code()).isEqualTo(ErrorCode.CLUSTER_NOT_QUIET);
      assertThat(refused.getMessage())
          .contains("lock 'shop.held' is held: Migrating chunk(s) in collection shop.orders");
    } finally {
      remove(config, "locks");
    }
    LocalServer shard = cluster.dataSets().get(0).members().get(0);
    insert(shard, "migrationCoordinators", "{_id:1,nss:'shop.orders',donorShardId:'shard0'}");
    try {
      assertThat(
              catchThrowableOfType(
                  StillpointException.class, () -> quiet.await(Adapters.CLUSTER, left -> {})))
          .hasMessageContaining("coordinates a migration of shop.orders");
    } finally {
      remove(shard, "migrationCoordinators");
    }
    quiet.await(Adapters.CLUSTER, left -> {});
  }

  @Test
  void shouldWaitUntilTransactionsInDoubtAreDecided() {
    List<StepUpRequest> sets =
        cluster.sets().stream()
            .map(
                s ->
                    new StepUpRequest(
                        Adapters.CLUSTER,
                        s.name(),
                        s.members().stream().map(LocalServer::address).toList(),
                        s.members().get(0).address()))
            .toList();
    Settling settling = new Settling(worker.connections, worker.calls, SOON);
    LocalServer shard = cluster.dataSets().get(1).members().get(0);
    insert(shard, "transaction_coordinators", "{_id:1,participants:['shard0','shard1']}");
    List<String> told = new ArrayList<>();
    try {
      StillpointException refused =
          catchThrowableOfType(
              StillpointException.class,
              () -> settling.await(Adapters.CLUSTER, sets, told::addAll));
      assertThat(refused.code()).isEqualTo(ErrorCode.NOT_SETTLED);
      assertThat(refused.getMessage()).contains("config.transaction_coordinators");
      assertThat(told).isNotEmpty();
    } finally {
      remove(shard, "transaction_coordinators");
    }
    settling.await(Adapters.CLUSTER, sets, left -> {});
  }

  @Test
  void shouldTakeOnePointForAllSets() {
    List<OpenRequest> requests =
        cluster.sets().stream()
            .map(
                s ->
                    Adapters.request(
                        "op-1",
                        s.members().get(0),
                        s.shardId().orElse("config"),
                        s.shardId().isPresent()
                            ? ReplicaSetRole.SHARD
                            : ReplicaSetRole.CONFIG_SERVER))
            .toList();
    List<BackupCursor> cursors = worker.calls.map(requests, r -> worker.cursors.open(r, 1));
    try {
      cluster
          .mongos()
          .orElseThrow()
          .run("shop", BsonDocument.parse("{insert:'orders',documents:[{_id:1},{_id:2}]}"));

      Point point = worker.points.fix(Adapters.CLUSTER, cursors);

      assertThat(point.inFlight()).isEmpty();
      assertThat(cursors).noneMatch(c -> !point.time().isAfter(c.checkpoint()));
      worker.calls.map(
          List.of(0, 1, 2),
          i -> worker.extension.extend(requests.get(i), cursors.get(i), point, () -> {}));

      LocalServer config = cluster.configServer().members().get(0);
      insert(config, "locks", "{_id:'shop',state:2,why:'dropDatabase'}");
      try {
        assertThat(worker.points.fix(Adapters.CLUSTER, cursors).inFlight())
            .containsExactly("lock 'shop' is held: dropDatabase");
      } finally {
        remove(config, "locks");
      }
    } finally {
      requests.forEach(worker.cursors::closeOrphans);
    }
  }

  private static void setting(String id, String document) {
    LocalServer config = cluster.configServer().members().get(0);
    config.run(
        "config",
        BsonDocument.parse(
            "{update:'settings',updates:[{q:{_id:'%s'},u:%s,upsert:true}]}"
                .formatted(id, document)));
  }

  private static void insert(LocalServer server, String collection, String document) {
    server.run(
        "config",
        BsonDocument.parse("{insert:'%s',documents:[%s]}".formatted(collection, document)));
  }

  private static void remove(LocalServer server, String collection) {
    server.run(
        "config",
        BsonDocument.parse("{delete:'%s',deletes:[{q:{},limit:0}]}".formatted(collection)));
  }

  private static Adapters worker(String uri, List<String> routers) {
    return new Adapters(uri, routers, directory.resolve("catalog"));
  }
}
