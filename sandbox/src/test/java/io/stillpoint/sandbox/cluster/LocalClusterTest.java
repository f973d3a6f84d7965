package io.stillpoint.sandbox.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalClusterTest {
  private static final ServerPrograms PROGRAMS = ServerPrograms.fromSystemProperties();

  @TempDir Path directory;

  @Test
  void shouldStartAReplicaSetAndSurviveACrashOfItsPrimary() {
    List<ProcessHandle> processes;
    try (LocalCluster cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(directory, PROGRAMS, 3).withElectionTimeoutMillis(2_000))) {
      LocalReplicaSet set = cluster.sets().get(0);
      LocalServer first = set.members().get(0);
      assertThat(set.primary()).contains(first);
      insert(first, 1);
      processes = cluster.members().stream().map(each -> each.running().orElseThrow()).toList();
      assertThat(processes).hasSize(3);

      first.kill();
      assertThat(first.running()).isEmpty();
      LocalServer second = set.awaitPrimary();
      assertThat(second).isNotEqualTo(first);
      insert(second, 2);

      first.start();
      set.awaitHealthy();
      assertThat(
              set.awaitPrimary()
                  .run("test", BsonDocument.parse("{count: 'c', query: {}}"))
                  .getNumber("n")
                  .intValue())
          .isEqualTo(2);
    }
    assertThat(processes).noneMatch(ProcessHandle::isAlive);
  }

  private static void insert(LocalServer primary, int id) {
    primary.run(
        "test",
        BsonDocument.parse(
            "{insert: 'c', documents: [{_id: %d}], writeConcern: {w: 'majority'}}".formatted(id)));
  }

  @Test
  void shouldFollowAServerThatSomebodyElseRestarted() {
    try (LocalCluster cluster =
        LocalCluster.start(ClusterSpec.replicaSet(directory, PROGRAMS, 1))) {
      LocalServer member = cluster.members().get(0);
      long pid = member.running().orElseThrow().pid();
      member.stop();
      assertThat(member.exitCode()).contains(0);
      LocalServer stranger =
          new LocalServer(
              "stranger",
              member.role(),
              member.set(),
              member.shardId(),
              member.address(),
              java.util.Optional.of(member.dbPath()),
              member.logPath(),
              member.argv(),
              ClusterAccess.OPEN);
      stranger.start();
      assertThat(member.running()).isPresent();
      assertThat(member.running().orElseThrow().pid()).isNotEqualTo(pid);
      cluster.sets().get(0).awaitPrimary();
      member.stop();
      assertThat(stranger.running()).isEmpty();
    }
  }

  @Test
  void shouldSayWhyAServerDidNotStart() {
    LocalServer server =
        LocalServer.mongod(
            "bad",
            directory.resolve("bad"),
            directory.resolve("bad.log"),
            PROGRAMS,
            List.of("--noSuchOption", "1"));
    assertThatThrownBy(server::start)
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("exit code")
        .hasMessageContaining("noSuchOption");
  }

  @Test
  void shouldStartAShardedCluster() {
    try (LocalCluster cluster =
        LocalCluster.start(ClusterSpec.sharded(directory, PROGRAMS, 2, 1))) {
      BsonDocument map =
          cluster
              .mongos()
              .orElseThrow()
              .run("admin", new BsonDocument("getShardMap", new BsonInt32(1)))
              .getDocument("map");
      assertThat(map.getString("config").getValue()).isEqualTo(cluster.configServer().seedList());
      assertThat(map.getString("shard0").getValue())
          .isEqualTo(cluster.dataSets().get(0).seedList());
      assertThat(map.getString("shard1").getValue()).startsWith("rs1/");
      List<BsonDocument> chunks =
          cluster
              .mongos()
              .orElseThrow()
              .run("config", new BsonDocument("find", new BsonString("chunks")))
              .getDocument("cursor")
              .getArray("firstBatch")
              .stream()
              .map(each -> each.asDocument())
              .toList();
      assertThat(chunks)
          .extracting(each -> each.getString("shard").getValue())
          .contains("shard0", "shard1");
    }
  }
}
