package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.stillpoint.check.CheckItem;
import io.stillpoint.check.LeastPrivileges;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.mongo.Balancer;
import io.stillpoint.mongo.ClusterCheck;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.ClusterUsers;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is examined of a sharded cluster over the network, with Stillpoint's role. */
class ShardedCheckTest {
  /** A real mongos forgets what a user may do after half a minute only. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir static Path directory;
  private static LocalCluster cluster;
  private static Adapters adapters;

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.sharded(
                    directory.resolve("cluster"), ServerPrograms.fromSystemProperties(), 2, 1)
                .withAuthentication()
                .withElectionTimeoutMillis(2_000));
    adapters =
        new Adapters(
            cluster.stillpointUri(), List.of(router().address()), directory.resolve("catalog"));
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

  private static LocalServer router() {
    return cluster.mongos().orElseThrow();
  }

  private static LocalServer configServer() {
    return cluster.configServer().awaitPrimary();
  }

  private static List<CheckItem> examine(Clock clock) {
    return new ClusterCheck(
            adapters.connections, adapters.calls, new Balancer(adapters.connections), clock)
        .examine(Adapters.CLUSTER)
        .items();
  }

  private static List<CheckItem> all(String what) {
    return examine(Clock.systemUTC()).stream().filter(i -> i.what().equals(what)).toList();
  }

  private static List<CheckItem> wrong() {
    return examine(Clock.systemUTC()).stream().filter(i -> !i.ok()).toList();
  }

  private static void run(LocalServer server, String database, String command) {
    server.run(database, BsonDocument.parse(command));
  }

  private static void setPrivileges(LocalServer server, BsonDocument role) {
    server.run(
        "admin",
        new BsonDocument("updateRole", new BsonString(LeastPrivileges.ROLE))
            .append("privileges", role.get("privileges")));
  }

  @Test
  void shouldFindNothingWrongWithTheRole() {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(wrong()).isEmpty());

    assertThat(all("privileges"))
        .hasSize(4)
        .allSatisfy(i -> assertThat(i.message()).isEqualTo("the user may do all that is needed"));
    assertThat(all("primary")).hasSize(3);
    assertThat(all("balancer")).singleElement().satisfies(i -> assertThat(i.ok()).isTrue());
  }

  @Test
  void shouldSayWhatABackupDoesToTheBalancer() {
    String set =
        "{update: 'settings', updates: [{q: {_id: 'balancer'}, u: {$set: {%s}}, upsert: true}]}";
    run(configServer(), "config", set.formatted("mode: 'off', stopped: true"));
    assertThat(all("balancer"))
        .extracting(CheckItem::message)
        .containsExactly("off; a backup leaves it so");
    run(configServer(), "config", set.formatted("mode: 'full', stopped: false"));
    assertThat(all("balancer"))
        .extracting(CheckItem::message)
        .containsExactly("on; a backup stops it for a moment");
  }

  @Test
  void shouldNameWhatIsMissingOnConfigServerAndRouter() {
    BsonDocument role = ClusterUsers.roleCommand();
    BsonDocument less = role.clone();
    less.getArray("privileges")
        .removeIf(
            p ->
                p.asDocument()
                    .getDocument("resource")
                    .getString("collection", new BsonString(""))
                    .getValue()
                    .equals("settings"));
    setPrivileges(configServer(), less);
    try {
      String lacks =
          "the user lacks insert on config.settings, remove on config.settings,"
              + " update on config.settings";
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(all("privileges"))
                      .filteredOn(i -> !i.ok())
                      .extracting(CheckItem::subject, CheckItem::message)
                      .containsExactlyInAnyOrder(
                          tuple(configServer().address(), lacks),
                          tuple(router().address(), lacks)));
    } finally {
      setPrivileges(configServer(), role);
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(wrong()).isEmpty());
    }
  }

  @Test
  void shouldFindEveryClockThatDiffers() {
    Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(61));

    List<CheckItem> clocks = examine(ahead).stream().filter(i -> i.what().equals("clock")).toList();

    assertThat(clocks)
        .hasSize(3)
        .allSatisfy(
            i -> {
              assertThat(i.code()).isEqualTo(ErrorCode.CLOCK_SKEWED.name());
              assertThat(i.message()).matches("the server's clock is 6\\d s away .* limit is 10 s");
            });
    assertThat(all("clock")).hasSize(3).allSatisfy(i -> assertThat(i.ok()).isTrue());
  }

  @Test
  void shouldSayWhatIsInFlight() {
    run(
        configServer(),
        "config",
        "{insert: 'locks', documents: [{_id: 'shop.o', state: 2, why: 'drop'}]}");
    try {
      assertThat(wrong())
          .singleElement()
          .satisfies(
              i -> {
                assertThat(i.code()).isEqualTo(ErrorCode.CLUSTER_NOT_QUIET.name());
                assertThat(i.message()).isEqualTo("lock 'shop.o' is held: drop");
              });
    } finally {
      run(configServer(), "config", "{delete: 'locks', deletes: [{q: {_id: 'shop.o'}, limit: 1}]}");
    }
  }

  @Test
  void shouldReportAShardThatIsDown() {
    LocalServer shard = cluster.dataSets().get(1).members().get(0);
    shard.stop();
    try {
      assertThat(wrong())
          .anySatisfy(i -> assertThat(i.subject() + i.message()).contains(shard.address()));
    } finally {
      shard.start();
      cluster.dataSets().get(1).awaitPrimary();
      router().run("admin", new BsonDocument("listShards", new BsonInt32(1)));
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(wrong()).isEmpty());
    }
  }
}
