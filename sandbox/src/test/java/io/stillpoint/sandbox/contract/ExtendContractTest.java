package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.contract.Servers.OneMember;
import io.stillpoint.sandbox.contract.Servers.Standalone;
import io.stillpoint.sandbox.contract.Servers.ThreeMembers;
import io.stillpoint.sandbox.wire.WireClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract's rows "Extend"; E15 is F2. */
@Contract
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ExtendContractTest {
  private static final BsonTimestamp ZERO = new BsonTimestamp(0, 0);

  private static BsonBinary randomId() {
    return new BsonBinary(UUID.randomUUID());
  }

  private static void assertRefused(
      OneMember r1, BsonValue id, BsonValue timestamp, int code, String fragment) {
    r1.node().assertFails(Backup.extendCommand(id, timestamp), code, fragment);
  }

  @Test
  @DisplayName("E1 without a backup")
  void shouldRefuseWithoutABackup(OneMember r1) {
    assertRefused(r1, randomId(), ZERO, 50886, "backup cursor is not open");
  }

  @Test
  @DisplayName("E2 with another backup's id")
  void shouldRefuseAnotherId(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      assertRefused(r1, randomId(), ZERO, 29094, "does not match active backup");
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("E3 without its parameters")
  void shouldRequireBothParameters(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      assertRefused(r1, null, ZERO, 72, "Required parameter missing: backupId");
      assertRefused(r1, backup.backupId(), null, 72, "Required parameter missing: timestamp");
    }
  }

  @Test
  @DisplayName("E4 parameters of other types")
  void shouldRefuseOtherTypes(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      assertRefused(r1, new BsonString("x"), ZERO, 14, "");
      for (BsonBinarySubType type :
          List.of(BsonBinarySubType.BINARY, BsonBinarySubType.UUID_LEGACY)) {
        assertRefused(r1, new BsonBinary(type, backup.backupId().getData()), ZERO, 14, "");
      }
      assertRefused(r1, backup.backupId(), new BsonInt32(1), 14, "");
      assertRefused(r1, backup.backupId(), new BsonString("1"), 14, "");
    }
  }

  @Test
  @DisplayName("E5 unknown fields, no object")
  void shouldRefuseUnknownFields(OneMember r1) {
    r1.node()
        .assertFails(
            Node.command(BsonDocument.parse("{$backupCursorExtend: {foo: 1}}")),
            9,
            "Unrecognized option 'foo'");
    r1.node()
        .assertFails(
            Node.command(BsonDocument.parse("{$backupCursorExtend: 1}")),
            9,
            "must be specified in an object");
  }

  @Test
  @DisplayName("E6 E7 journal files, and again")
  void shouldGiveJournalFiles(OneMember r1) {
    Path journal = r1.node().server().dbPath().resolve("journal");
    try (Backup backup = r1.node().open()) {
      backup.files();
      BsonTimestamp time = r1.node().insert();
      List<BsonDocument> files = backup.extend(time);
      assertThat(files)
          .allSatisfy(each -> assertThat(each.keySet()).containsExactly("filename"))
          .allSatisfy(
              each ->
                  assertThat(Path.of(each.getString("filename").getValue()))
                      .startsWith(journal)
                      .exists());
      assertThat(files).isNotEmpty();
      backup.extend(time);
      backup.assertAlive();
    }
  }

  @Test
  @Tag("versions")
  @DisplayName("E8 which files it gives")
  void shouldGiveAllOrOnlyTheOtherFiles(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      Set<Path> listed =
          backup.paths().stream()
              .filter(path -> path.getParent().endsWith("journal"))
              .collect(Collectors.toSet());
      List<Path> extended =
          backup.extend(r1.node().insert()).stream()
              .map(each -> Path.of(each.getString("filename").getValue()))
              .toList();
      if (r1.node().version().has("5.0.0")) {
        assertThat(extended).doesNotContainAnyElementsOf(listed);
      } else {
        assertThat(extended).containsAll(listed).hasSizeGreaterThan(listed.size());
      }
    }
  }

  @Test
  @Tag("slow")
  @DisplayName("E9 E16 waits until the time is committed and applied here")
  void shouldWaitForTheTime(ThreeMembers r3) throws Exception {
    Node hidden = r3.hidden();
    try (Backup backup = hidden.open()) {
      hidden.run("{configureFailPoint: 'stopReplProducer', mode: 'alwaysOn'}");
      CompletableFuture<BsonDocument> extend;
      try (WireClient other = hidden.connect()) {
        try {
          // The fetch under way may still bring this one; the next one it cannot.
          r3.primary().insert();
          pause();
          BsonTimestamp time = r3.primary().insert();
          BsonDocument command = backup.extendCommand(time);
          extend =
              CompletableFuture.supplyAsync(
                  () -> {
                    try {
                      return other.run("admin", command, Node.TIMEOUT);
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
          for (int i = 0; i < 5; i++) {
            backup.assertAlive();
            pause();
          }
          CompletableFuture<Boolean> status = CompletableFuture.supplyAsync(() -> statusOf(hidden));
          pause();
          assertThat(extend).isNotDone();
          // It asks whether a backup is open, and that waits for the extend.
          assertThat(status).isNotDone();
        } finally {
          hidden.run("{configureFailPoint: 'stopReplProducer', mode: 'off'}");
        }
        assertThat(extend.get(60, TimeUnit.SECONDS).getDocument("cursor")).isNotNull();
      }
      backup.assertAlive();
    }
  }

  private static boolean statusOf(Node node) {
    try (Node own = new Node(node.server())) {
      return own.isBackupOpen();
    }
  }

  private static void pause() {
    await().pollDelay(200, TimeUnit.MILLISECONDS).until(() -> true);
  }

  @Test
  @Tag("slow")
  @OnServers(from = "7.0.0", because = "an interruption aborts servers before 7.0: see E10b")
  @DisplayName("E10 time limit while it waits")
  void shouldSurviveATimeLimitFrom7(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      BsonDocument command =
          backup.extendCommand(inTheFuture()).append("maxTimeMS", new BsonInt32(500));
      r1.node().assertFails(command, 50, "Wait for target timestamp has failed");
      backup.assertAlive();
    }
  }

  @Test
  @OnServers(
      before = "7.0.0",
      simulatedOnly = true,
      because = "an interruption aborts real servers before 7.0, and none after")
  @DisplayName("E10b interruption while it waits aborts the server")
  void shouldAbortWhenInterruptedBefore7(@TempDir Path directory) {
    ServerPrograms programs = ServerPrograms.fromSystemProperties();
    try (LocalCluster cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(directory, programs, 1).withElectionTimeoutMillis(2_000))) {
      LocalServer server = cluster.members().get(0);
      Node node = new Node(server);
      node.insert();
      Backup backup = node.open();
      BsonDocument command = backup.extendCommand(inTheFuture());
      assertThatThrownBy(() -> node.run("admin", command.append("maxTimeMS", new BsonInt32(200))))
          .isInstanceOf(RuntimeException.class);
      await().until(() -> server.exitCode().isPresent());
      assertThat(server.exitCode().get()).isNotZero();
      assertThat(server.endOfLog()).contains("29096");
      server.start();
      cluster.sets().get(0).awaitPrimary();
    }
  }

  private static BsonTimestamp inTheFuture() {
    return new BsonTimestamp((int) (System.currentTimeMillis() / 1000) + 1_000, 1);
  }

  @Test
  @Tag("slow")
  @DisplayName("E11 an idle set reaches a later time by its no-op writer")
  void shouldReturnOnAnIdleSet(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      BsonTimestamp later = new BsonTimestamp((int) (System.currentTimeMillis() / 1000) + 2, 0);
      backup.extend(later);
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("E12 time zero")
  void shouldReturnAtOnceForTimeZero(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      backup.extend(ZERO);
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("E13 a date instead of a timestamp is a trap")
  void shouldTakeADateForATinyTimestamp(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      BsonDateTime tomorrow = new BsonDateTime(System.currentTimeMillis() + 86_400_000L);
      r1.node().run("admin", backup.extendCommand(tomorrow));
      backup.assertAlive();
    }
  }

  @Test
  @OnServers(
      from = "7.0.0",
      simulatedOnly = true,
      because = "builds before PSMDB-1155 hang, simulated ones before 7.0")
  @DisplayName("E14 on a standalone")
  void shouldRefuseAStandalone(Standalone s) {
    try (Backup backup = s.node().open()) {
      s.node().assertFails(backup.extendCommand(ZERO), 29144, "replication is not enabled");
      backup.assertAlive();
    }
  }

  @Test
  @OnServers(from = "5.0.0", because = "only servers from 5.0 on stream the list")
  @DisplayName("E17 extend before the list was drained")
  void shouldLoseNoFileWhenTheListIsDrainedFirst(OneMember r1) {
    BsonDocument open = Node.openCommand(new BsonDocument());
    open.put("cursor", BsonDocument.parse("{batchSize: 0}"));
    try (Backup early = r1.node().open(open)) {
      BsonDocument first =
          r1.node()
              .run("admin", early.getMoreCommand().append("batchSize", new BsonInt32(1)))
              .getDocument("cursor");
      BsonValue id =
          first.getArray("nextBatch").get(0).asDocument().getDocument("metadata").get("backupId");
      r1.node().run("admin", Backup.extendCommand(id, r1.node().insert()));
      // What comes now may be short: that is why clients drain first.
      BsonArray batch = early.getMore().getArray("nextBatch");
      if (Simulated.isSimulated()) {
        assertThat(batch).isEmpty();
      }
      early.assertAlive();
    }
    try (Backup drained = r1.node().open()) {
      Set<Path> paths = Set.copyOf(drained.paths());
      drained.extend(r1.node().insert());
      assertThat(paths).isNotEmpty().allSatisfy(path -> assertThat(path).exists());
    }
  }
}
