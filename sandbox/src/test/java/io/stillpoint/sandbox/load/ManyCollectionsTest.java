package io.stillpoint.sandbox.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.restore.RestoreResult;
import io.stillpoint.sandbox.bench.ProcessCost;
import io.stillpoint.sandbox.bench.WorkflowHistory;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.demo.WorkerProcess;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A member with more files than a process may have open. {@code make load} runs it, with a larger
 * heap for the simulated server.
 */
@Tag("temporal-server")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ManyCollectionsTest {

  private static final int COLLECTIONS = Integer.getInteger("stillpoint.load.collections", 20_000);
  private static final Duration END = Duration.ofMinutes(6);
  private static final int MOST_OPEN_FILES = 1000;

  @TempDir Path directory;
  private Path temporal;

  @BeforeEach
  void requirePrograms() {
    Assumptions.assumeTrue(Boolean.getBoolean("stillpoint.load"), "skipped: make load runs it");
    Optional<Path> program = DevServer.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    temporal = program.get();
  }

  @Test
  void shouldBackUpAndRestoreAMemberOfTwentyThousandCollections() throws Exception {
    ServerPrograms programs = ServerPrograms.fromSystemProperties();
    try (LocalCluster cluster =
            LocalCluster.start(ClusterSpec.replicaSet(directory.resolve("mongo"), programs, 1));
        LoadWorld world = new LoadWorld(temporal, directory)) {
      LocalServer member = cluster.members().get(0);
      fill(cluster);
      Map<String, Integer> before = contents(cluster);
      assertThat(before).hasSize(COLLECTIONS);
      world.startWorkers("    many: { uri: \"%s\" }%n".formatted(cluster.uri()), agent(member));

      long start = System.nanoTime();
      BackupResult backup =
          world
              .client()
              .startBackup(BackupRequest.of("many", "many-b", SnapshotType.DIRECTORY))
              .await(END)
              .orElseThrow();
      double backupSeconds = (System.nanoTime() - start) / 1e9;
      assertThat(backup.summary().orElseThrow().status()).isEqualTo(OperationStatus.COMPLETED);
      assertThat(world.client().files("many-b", "rs0")).hasSizeGreaterThan(2 * COLLECTIONS);
      overwrite(cluster);

      start = System.nanoTime();
      RestoreResult restore =
          world
              .client()
              .startRestore(RestoreRequest.of("many-b", "many-r", Optional.of("many")))
              .await(END)
              .orElseThrow();
      System.out.printf(
          "%d collections: backup %.1f s, cursor window %d ms, restore %.1f s, down %d ms%n",
          COLLECTIONS,
          backupSeconds,
          backup.cursorWindowMillis(),
          (System.nanoTime() - start) / 1e9,
          restore.downMillis());
      assertThat(contents(cluster)).isEqualTo(before);
      assertSmall(world);
      if (programs.isSimulated()) {
        assertThat(openFiles(member)).isLessThanOrEqualTo(MOST_OPEN_FILES);
      }
    }
  }

  private static void assertSmall(LoadWorld world) throws IOException {
    for (String id : List.of(WorkflowIds.backup("many-b"), WorkflowIds.restore("many-r"))) {
      WorkflowHistory history = world.history(id);
      System.out.printf(
          "%s: %d events, the largest of %d bytes%n",
          id, history.events().size(), history.largestEvent());
      assertThat(history.largestEvent()).isLessThanOrEqualTo(LoadWorld.MOST_BYTES);
    }
    assertThat(world.history(WorkflowIds.backup("many-b")).events())
        .hasSizeLessThanOrEqualTo(LoadWorld.MOST_EVENTS_PER_SET);
    for (WorkerProcess worker : world.workers()) {
      double most = ProcessCost.peakResidentMib(worker.pid());
      System.out.printf("%s: at most %.0f MiB resident%n", worker.name(), most);
      assertThat(most).isLessThanOrEqualTo(LoadWorld.MOST_MEBIBYTES);
    }
  }

  private static void fill(LocalCluster cluster) {
    try (MongoClient client = MongoClients.create(cluster.uri())) {
      MongoDatabase shop = client.getDatabase("shop");
      IntStream.range(0, COLLECTIONS)
          .parallel()
          .forEach(
              i ->
                  shop.getCollection("c" + i, BsonDocument.class)
                      .insertOne(new BsonDocument("_id", new BsonInt32(i))));
      // A backup cursor lists the files of the newest checkpoint.
      client.getDatabase("admin").runCommand(new BsonDocument("fsync", new BsonInt32(1)));
    }
  }

  private static void overwrite(LocalCluster cluster) {
    try (MongoClient client = MongoClients.create(cluster.uri())) {
      MongoDatabase shop = client.getDatabase("shop");
      shop.getCollection("c0").drop();
      for (int i = 1; i < 100; i++) {
        shop.getCollection("c" + i, BsonDocument.class)
            .insertOne(new BsonDocument("_id", new BsonInt32(-1)));
      }
    }
  }

  /** The only document's {@code _id} by collection; -1 where there is another number of them. */
  private static Map<String, Integer> contents(LocalCluster cluster) {
    try (MongoClient client = MongoClients.create(cluster.uri())) {
      MongoDatabase shop = client.getDatabase("shop");
      Map<String, Integer> found = new TreeMap<>();
      for (String name : shop.listCollectionNames()) {
        List<BsonDocument> documents =
            shop.getCollection(name, BsonDocument.class).find().into(new ArrayList<>());
        found.put(name, documents.size() == 1 ? documents.get(0).getInt32("_id").getValue() : -1);
      }
      return found;
    }
  }

  private static String agent(LocalServer member) {
    return "      - { address: \"%s\", data-path: \"%s\", mongod: \"%s\", log-path: \"%s\", arguments: [%s] }%n"
        .formatted(
            member.address(),
            member.dbPath(),
            member.argv().get(0),
            member.logPath(),
            member.argv().stream()
                .skip(1)
                .map(a -> '"' + a + '"')
                .collect(Collectors.joining(", ")));
  }

  private static long openFiles(LocalServer member) throws IOException {
    long pid = member.running().orElseThrow().pid();
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return open.count();
    }
  }
}
