package io.stillpoint.sandbox.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.sandbox.bench.ProcessCost;
import io.stillpoint.sandbox.bench.WorkflowHistory;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.demo.WorkerProcess;
import io.stillpoint.sandbox.invariant.CatalogInvariants;
import io.stillpoint.sandbox.load.ManySets.Member;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many clusters and many sets on a real Temporal server, with real worker processes. {@code make
 * load} runs it; it is too long for every build.
 */
@Tag("temporal-server")
@Timeout(value = 12, unit = TimeUnit.MINUTES)
class LoadTest {

  private static final int CLUSTERS = 20;
  private static final int SHARDS = 49;
  private static final Duration END = Duration.ofMinutes(8);

  @TempDir Path directory;
  private ManySets sets;
  private LoadWorld world;

  @BeforeEach
  void start() throws IOException {
    Assumptions.assumeTrue(Boolean.getBoolean("stillpoint.load"), "skipped: make load runs it");
    Optional<Path> program = DevServer.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    sets = new ManySets(directory.resolve("sets"));
    world = new LoadWorld(program.get(), directory);
  }

  @AfterEach
  void stop() {
    if (world != null) {
      world.close();
    }
    if (sets != null) {
      sets.close();
    }
  }

  @Test
  void shouldBackUpTwentyClustersAtOnceByTwoWorkers() throws Exception {
    List<Member> members = IntStream.range(0, CLUSTERS).mapToObj(i -> sets.start("c" + i)).toList();
    members.forEach(m -> fill(m, 200));
    world.startWorkers(
        members.stream()
            .map(
                m ->
                    "    %s: { uri: \"mongodb://%s/?replicaSet=%s\" }\n"
                        .formatted(m.set(), m.address(), m.set()))
            .collect(Collectors.joining()),
        agent(members));

    List<BackupOperation> running = new ArrayList<>();
    for (Member member : members) {
      running.add(
          world
              .client()
              .startBackup(
                  BackupRequest.of(member.set(), member.set() + "-b", SnapshotType.DIRECTORY)));
    }

    int longest = 0;
    for (BackupOperation backup : running) {
      BackupResult result = backup.await(END).orElseThrow();
      assertThat(result.summary().orElseThrow().status()).isEqualTo(OperationStatus.COMPLETED);
      assertThat(result.attempts()).as("attempts of " + backup.name()).isEqualTo(1);
      WorkflowHistory history = world.history(WorkflowIds.backup(backup.name()));
      assertThat(history.largestEvent()).isLessThanOrEqualTo(LoadWorld.MOST_BYTES);
      longest = Math.max(longest, history.events().size());
    }
    System.out.printf("%d clusters: at most %d events each%n", CLUSTERS, longest);
    assertThat(longest).isLessThanOrEqualTo(LoadWorld.MOST_EVENTS_PER_SET);
    assertSound(members, members.stream().map(Member::set).toList());
  }

  @Test
  void shouldBackUpAClusterOfFiftySets() throws Exception {
    List<Member> members = new ArrayList<>(List.of(sets.start("cfg", "--configsvr")));
    IntStream.range(0, SHARDS).forEach(i -> members.add(sets.start("s" + i, "--shardsvr")));
    try (Router router = Router.start(directory, members.get(0))) {
      members.stream().skip(1).forEach(router::addShard);
      world.startWorkers(
          "    big: { uri: \"mongodb://%s/\", routers: [\"%s\"] }\n"
              .formatted(router.address(), router.address()),
          agent(members));

      BackupResult result =
          world
              .client()
              .startBackup(BackupRequest.of("big", "big-b", SnapshotType.DIRECTORY))
              .await(END)
              .orElseThrow();

      assertThat(result.summary().orElseThrow().status()).isEqualTo(OperationStatus.COMPLETED);
      WorkflowHistory history = world.history(WorkflowIds.backup("big-b"));
      System.out.printf(
          "50 sets: %d events, the largest of %d bytes; cursor window %d ms%n",
          history.events().size(), history.largestEvent(), result.cursorWindowMillis());
      assertThat(history.events().size())
          .isLessThanOrEqualTo(LoadWorld.MOST_EVENTS_PER_SET * members.size());
      assertThat(history.largestEvent()).isLessThanOrEqualTo(LoadWorld.MOST_BYTES);
      assertSound(members, List.of("big"));
    }
  }

  private void assertSound(List<Member> members, List<String> clusters) throws IOException {
    assertThat(members).noneMatch(Member::hasOpenBackupCursor);
    assertThat(new CatalogInvariants(clusters, world.catalog(), world.snapshots()).violations())
        .isEmpty();
    for (WorkerProcess worker : world.workers()) {
      double most = ProcessCost.peakResidentMib(worker.pid());
      System.out.printf("%s: at most %.0f MiB resident%n", worker.name(), most);
      assertThat(most)
          .as("memory of " + worker.name())
          .isLessThanOrEqualTo(LoadWorld.MOST_MEBIBYTES);
    }
  }

  private static void fill(Member member, int documents) {
    String list =
        IntStream.range(0, documents)
            .mapToObj(i -> "{_id: %d, text: '%s'}".formatted(i, "x".repeat(100)))
            .collect(Collectors.joining(","));
    member.run("shop", "{insert: 'orders', documents: [%s]}".formatted(list));
  }

  private static String agent(List<Member> members) {
    String mongod = ServerPrograms.fromSystemProperties().mongod().toString();
    return members.stream()
        .map(
            m ->
                "      - { address: \"%s\", data-path: \"%s\", mongod: \"%s\", log-path: \"%s.log\", arguments: [\"--dbpath\", \"%s\"] }\n"
                    .formatted(m.address(), m.dbPath(), mongod, m.dbPath(), m.dbPath()))
        .collect(Collectors.joining());
  }
}
