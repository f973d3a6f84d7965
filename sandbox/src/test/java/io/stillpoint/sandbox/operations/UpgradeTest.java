package io.stillpoint.sandbox.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Sorts;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.demo.WorkerProcess;
import io.stillpoint.sandbox.invariant.ClusterInvariants;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backup that the worker of an older build began is finished by today's, and can be restored.
 * {@code make upgrade FROM=commit} builds the older one and runs this.
 */
@Tag("temporal-server")
@Timeout(value = 12, unit = TimeUnit.MINUTES)
class UpgradeTest {

  private static final String CLUSTER = "shop";
  private static final String BACKUP = "upgrade";
  private static final int DOCUMENTS = 1000;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Slow enough that there is a middle of the copy to stop the older worker in. */
  private static final int COPY_BYTES_PER_SECOND = 60_000;

  @TempDir Path directory;
  private Path olderBuild;
  private Path temporal;

  @BeforeEach
  void requireOlderBuild() {
    String from = System.getProperty("stillpoint.upgrade.from", "");
    Assumptions.assumeTrue(!from.isEmpty(), "skipped: make upgrade FROM=commit runs it");
    olderBuild = Path.of(from, "sandbox", "target", "stillpoint.classpath");
    Optional<Path> program = DevServer.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    temporal = program.get();
  }

  @Test
  void shouldFinishWhatAnOlderBuildBegan() throws Exception {
    try (DevServer server = DevServer.start(temporal, directory, false);
        LocalCluster cluster =
            LocalCluster.start(
                ClusterSpec.replicaSet(
                    directory.resolve("mongo"), ServerPrograms.fromSystemProperties(), 1));
        StillpointClient client =
            StillpointClient.connect(
                new ConnectionOptions(Optional.of(server.address()), Optional.empty()))) {
      ClusterInvariants invariants =
          new ClusterInvariants(
              cluster, CLUSTER, directory.resolve("catalog"), directory.resolve("snapshots"));
      write(cluster, 0);
      List<BsonDocument> before = documents(cluster);
      WorkerProcess older = worker("older", cluster, server, Files.readString(olderBuild).strip());
      BackupOperation backup = beginInCopy(client, older);
      WorkerProcess today = worker("today", cluster, server, System.getProperty("java.class.path"));
      try {
        BackupResult result = backup.await(PATIENCE).orElseThrow();
        assertThat(result.summary().orElseThrow().status()).isEqualTo(OperationStatus.COMPLETED);
        assertThat(result.attempts()).isEqualTo(1);
        assertThat(result.cursorsAdopted()).isEqualTo(1);

        write(cluster, DOCUMENTS);
        client
            .startRestore(RestoreRequest.of(BACKUP, "back", Optional.of(CLUSTER)))
            .await(PATIENCE)
            .orElseThrow();
        List<BsonDocument> after = documents(cluster);
        System.out.printf(
            "finished by today's build: COMPLETED, %d of %d documents restored, %s%n",
            after.size(), before.size(), after.equals(before) ? "IDENTICAL" : "DIFFERENT");
        assertThat(after).isEqualTo(before);
        assertThat(invariants.violations()).isEmpty();
      } finally {
        today.stop();
      }
    }
  }

  /** Leaves the backup in the middle of its copy, with nobody to go on with it. */
  private static BackupOperation beginInCopy(StillpointClient client, WorkerProcess older) {
    try {
      BackupOperation backup =
          client.startBackup(BackupRequest.of(CLUSTER, BACKUP, SnapshotType.DIRECTORY));
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsMatching(StillpointException.class::isInstance)
          .until(
              () ->
                  backup.describe().phase() == BackupPhase.COPYING
                      && backup.pending().copies().stream().anyMatch(c -> c.doneBytes() > 0));
      return backup;
    } finally {
      older.kill();
    }
  }

  private WorkerProcess worker(
      String name, LocalCluster cluster, DevServer server, String classPath) throws IOException {
    LocalServer member = cluster.members().get(0);
    Path catalog = Files.createDirectories(directory.resolve("catalog"));
    Path snapshots = Files.createDirectories(directory.resolve("snapshots"));
    String arguments =
        member.argv().stream().skip(1).map(a -> '"' + a + '"').collect(Collectors.joining(", "));
    String text =
        """
        stillpoint:
          roles: [control, node]
          identity: %s
          catalog: { directory: "%s" }
          clusters: { %s: { uri: "%s" } }
          health: { port: %d }
          node:
            snapshot-root: "%s"
            copy-bytes-per-second: %d
            members:
              - address: "%s"
                data-path: "%s"
                mongod: "%s"
                log-path: "%s"
                arguments: [%s]
        """
            .formatted(
                name,
                catalog,
                CLUSTER,
                cluster.uri(),
                new FreePorts().next(),
                snapshots,
                COPY_BYTES_PER_SECOND,
                member.address(),
                member.dbPath(),
                member.argv().get(0),
                member.logPath(),
                arguments);
    Path file = Files.writeString(directory.resolve(name + ".yml"), text);
    return WorkerProcess.start(name, file, server.address(), Map.of(), classPath);
  }

  private static void write(LocalCluster cluster, int from) {
    try (MongoClient client = MongoClients.create(cluster.uri())) {
      orders(client)
          .insertMany(
              IntStream.range(from, from + DOCUMENTS)
                  .mapToObj(
                      i ->
                          new BsonDocument("_id", new BsonInt32(i))
                              .append("padding", new BsonString("x".repeat(500))))
                  .toList());
    }
  }

  private static List<BsonDocument> documents(LocalCluster cluster) {
    try (MongoClient client = MongoClients.create(cluster.uri())) {
      return orders(client).find().sort(Sorts.ascending("_id")).into(new ArrayList<>());
    }
  }

  private static MongoCollection<BsonDocument> orders(MongoClient client) {
    return client.getDatabase("shop").getCollection("orders", BsonDocument.class);
  }
}
