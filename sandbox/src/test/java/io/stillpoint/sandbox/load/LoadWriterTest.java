package io.stillpoint.sandbox.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadWriterTest {
  @TempDir Path directory;

  /** The hidden member is often ahead of the only electable one, which has to catch up from it. */
  @Test
  void shouldGoOnWritingWhenThePrimaryCrashes() {
    ClusterSpec spec =
        ClusterSpec.replicaSet(directory, ServerPrograms.fromSystemProperties(), 3)
            .withElectionTimeoutMillis(2_000);
    try (LocalCluster cluster = LocalCluster.start(spec);
        LoadWriter load =
            LoadWriter.start(
                new LoadSpec(cluster.uri(), List.of("shop.orders"), 4, true, Duration.ZERO, 50))) {
      LocalReplicaSet set = cluster.sets().get(0);
      LocalServer first = set.members().get(0);
      awaitWrites(load, 300);
      first.kill();
      awaitWrites(load, 300);
      first.start();
      set.awaitHealthy();
      awaitWrites(load, 300);
      Comparison[] comparison = new Comparison[1];
      load.whilePaused(() -> comparison[0] = compare(cluster));
      assertThat(comparison[0].identical()).as(comparison[0].toString()).isTrue();
      assertThat(comparison[0].restored()).isGreaterThan(200);
    }
  }

  private static Comparison compare(LocalCluster cluster) {
    BsonTimestamp now =
        cluster
            .sets()
            .get(0)
            .awaitPrimary()
            .run("admin", BsonDocument.parse("{ping: 1}"))
            .getDocument("$clusterTime")
            .getTimestamp("clusterTime");
    return new OplogOracle(List.of(cluster.uri()))
        .at(now, Set.of("shop.orders"))
        .compare(cluster.uri());
  }

  private static void awaitWrites(LoadWriter load, int count) {
    long goal = load.acknowledged() + count;
    await().atMost(Duration.ofSeconds(90)).until(() -> load.acknowledged() > goal);
  }
}
