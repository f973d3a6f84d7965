package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.contract.Servers.OneMember;
import io.stillpoint.sandbox.contract.Servers.ThreeMembers;
import io.stillpoint.sandbox.wire.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract's rows "Lifetime". */
@Contract
class LifetimeContractTest {
  private static final Duration LONG = Duration.ofSeconds(90);

  private LocalCluster own;

  @AfterEach
  void stop() {
    if (own != null) {
      own.close();
    }
  }

  private Node ownMember(Path directory, Map<String, String> parameters, int oplogSizeMb) {
    own =
        LocalCluster.start(
            ClusterSpec.replicaSet(directory, ServerPrograms.fromSystemProperties(), 1)
                .withElectionTimeoutMillis(2_000)
                .withOplogSizeMb(oplogSizeMb)
                .withSetParameters(parameters));
    Node node = new Node(own.members().get(0));
    node.insert();
    return node;
  }

  private static Backup openIn(Node node, int session) {
    return node.open(Backup.withSession(Node.openCommand(new BsonDocument()), session));
  }

  private static void withShortTimeout(Node node, int millis, Runnable test) {
    node.setParameter("cursorTimeoutMillis", millis);
    node.setParameter("clientCursorMonitorFrequencySecs", 1);
    try {
      test.run();
    } finally {
      node.setParameter("cursorTimeoutMillis", 600_000);
      node.setParameter("clientCursorMonitorFrequencySecs", 4);
    }
  }

  @Test
  @Tag("slow")
  @DisplayName("L1 idle cursor without a session")
  void shouldTimeOutWithoutASession(OneMember r1) {
    withShortTimeout(
        r1.node(),
        1_000,
        () -> {
          try (Backup backup = r1.node().open()) {
            await().atMost(LONG).until(() -> !r1.node().isBackupOpen());
            backup.assertGone();
          }
        });
  }

  @Test
  @Tag("slow")
  @Tag("versions")
  @DisplayName("L2 idle cursor in a session")
  void shouldTimeOutInASessionOnlyBefore448(OneMember r1) {
    withShortTimeout(
        r1.node(),
        1_000,
        () -> {
          try (Backup backup = openIn(r1.node(), 20)) {
            if (r1.node().version().has("4.4.8", "5.0.0")) {
              await()
                  .during(Duration.ofSeconds(4))
                  .atMost(LONG)
                  .until(() -> r1.node().isBackupOpen());
              backup.assertAlive();
            } else {
              await().atMost(LONG).until(() -> !r1.node().isBackupOpen());
              backup.assertGone();
            }
          }
        });
  }

  @Test
  @Tag("slow")
  @DisplayName("L3 cursor in use")
  void shouldStayOpenWhileInUse(OneMember r1) {
    withShortTimeout(
        r1.node(),
        2_000,
        () -> {
          try (Backup backup = r1.node().open()) {
            await()
                .pollInterval(Duration.ofMillis(500))
                .during(Duration.ofSeconds(6))
                .atMost(LONG)
                .untilAsserted(backup::assertAlive);
          }
        });
  }

  @Test
  @DisplayName("L4 killSessions")
  void shouldDieWithAKilledSession(OneMember r1) {
    try (Backup backup = openIn(r1.node(), 21)) {
      r1.node().run("admin", sessions("killSessions", 21));
      backup.assertGone();
      assertThat(r1.node().isBackupOpen()).isFalse();
    }
  }

  private static BsonDocument sessions(String command, int number) {
    return new BsonDocument(command, new BsonArray(List.of(Backup.session(number))));
  }

  @Test
  @Tag("slow")
  @DisplayName("L5 endSessions")
  void shouldDieSoonAfterItsSessionEnded(OneMember r1) {
    try (Backup backup = openIn(r1.node(), 22)) {
      r1.node().run("admin", sessions("endSessions", 22));
      await().atMost(LONG).until(() -> !r1.node().isBackupOpen());
      backup.assertGone();
    }
  }

  @Test
  @Tag("slow")
  @DisplayName("L6 session that expires")
  void shouldDieWithAnExpiredSession(@TempDir Path directory) {
    assumeTrue(
        Boolean.getBoolean("stillpoint.contract.table"), "takes over a minute: make contract");
    Node node =
        ownMember(
            directory,
            Map.of(
                "localLogicalSessionTimeoutMinutes", "1",
                "logicalSessionRefreshMillis", "1000"),
            200);
    try (Backup backup = openIn(node, 23)) {
      await()
          .pollInterval(Duration.ofSeconds(5))
          .during(Duration.ofSeconds(70))
          .atMost(Duration.ofSeconds(120))
          .untilAsserted(backup::assertAlive);
      await().atMost(Duration.ofSeconds(240)).until(() -> !node.isBackupOpen());
      backup.assertGone();
    }
  }

  @Test
  @DisplayName("L7 dropped connection")
  void shouldOutliveItsConnection(OneMember r1) {
    Node opener = new Node(r1.node().server());
    Backup backup = opener.open();
    opener.reconnect();
    backup.assertAlive();
    backup.close();
    opener.close();
  }

  @Test
  @DisplayName("L8 step-down of the holder")
  void shouldOutliveAStepDown(ThreeMembers r3) {
    Node primary = r3.primary();
    try (Backup backup = primary.open()) {
      primary.run("{replSetStepDown: 3, force: true}");
      await().ignoreExceptions().atMost(LONG).untilAsserted(backup::assertAlive);
      await()
          .ignoreException(CommandException.class)
          .atMost(LONG)
          .until(
              () -> {
                primary.run("{replSetStepUp: 1}");
                return true;
              });
      backup.assertAlive();
      r3.cluster().sets().get(0).awaitHealthy();
    }
  }

  @Test
  @DisplayName("L9 clean shutdown with the cursor open")
  void shouldRestartAfterACleanShutdown(@TempDir Path directory) {
    Node node = ownMember(directory, Map.of(), 200);
    LocalServer server = node.server();
    node.insert("kept", BsonDocument.parse("{_id: 1}"));
    Backup backup = node.open();
    server.stop();
    assertThat(server.dbPath().resolve("WiredTiger.backup")).doesNotExist();
    server.start();
    own.sets().get(0).awaitPrimary();
    node.reconnect();
    assertThat(node.find("contract", "kept")).hasSize(1);
    backup.assertGone();
  }

  @Test
  @Tag("versions")
  @DisplayName("L10 kill -9 with the cursor open")
  void shouldRestartAfterACrash(@TempDir Path directory) throws IOException {
    Node node = ownMember(directory, Map.of(), 200);
    LocalServer server = node.server();
    Backup backup = node.open();
    node.insert("kept", BsonDocument.parse("{_id: 1}"));
    server.kill();
    assertThat(server.dbPath().resolve("WiredTiger.backup")).exists();
    server.start();
    own.sets().get(0).awaitPrimary();
    node.reconnect();
    assertThat(node.find("contract", "kept")).hasSize(1);
    backup.assertGone();
    String log = Files.readString(server.logPath());
    if (node.version().has("6.0.0")) {
      assertThat(log).contains("5844600");
    } else {
      assertThat(log).contains("recreating metadata from backup");
    }
  }

  @Test
  @DisplayName("L11 drop of a listed collection")
  void shouldKeepTheFilesOfADroppedCollection(OneMember r1) {
    r1.node().insert("dropped", BsonDocument.parse("{_id: 1}"));
    r1.node().run("{fsync: 1}");
    try (Backup backup = r1.node().open()) {
      List<Path> listed = backup.paths();
      r1.node().run("contract", BsonDocument.parse("{drop: 'dropped'}"));
      assertThat(listed).allSatisfy(path -> assertThat(path).exists());
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("L12 new collection")
  void shouldNotListACollectionMadeLater(OneMember r1) throws IOException {
    try (Backup backup = r1.node().open()) {
      List<Path> listed = backup.paths();
      r1.node().insert("later" + System.nanoTime(), BsonDocument.parse("{_id: 1}"));
      try (var files = Files.list(r1.node().server().dbPath())) {
        assertThat(files.filter(path -> path.getFileName().toString().startsWith("collection-")))
            .anySatisfy(path -> assertThat(listed).doesNotContain(path));
      }
      backup.assertAlive();
    }
  }

  @Test
  @Tag("slow")
  @DisplayName("L13 the oplog keeps what the backup needs")
  void shouldKeepTheOplogsStart(@TempDir Path directory) {
    int megabytes = 990;
    if (Simulated.isSimulated()) {
      megabytes = 2;
    }
    Node node = ownMember(directory, Map.of(), megabytes);
    BsonDocument big = new BsonDocument("pad", new org.bson.BsonString("x".repeat(100_000)));
    try (Backup backup = node.open()) {
      BsonTimestamp start = backup.metadata().getDocument("oplogStart").getTimestamp("ts");
      for (int i = 0; i < megabytes * 20; i++) {
        node.insert("pad", big.clone().append("_id", new BsonInt32(i)));
      }
      List<BsonDocument> found =
          node
              .run(
                  "local",
                  new BsonDocument("find", new org.bson.BsonString("oplog.rs"))
                      .append("filter", new BsonDocument("ts", start)))
              .getDocument("cursor")
              .getArray("firstBatch")
              .stream()
              .map(each -> each.asDocument())
              .toList();
      assertThat(found).hasSize(1);
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("L14 checkpoints while open")
  void shouldKeepItsFilesOverCheckpoints(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      List<Path> listed = backup.paths();
      for (int i = 0; i < 3; i++) {
        r1.node().insert();
        r1.node().run("{fsync: 1}");
      }
      backup.assertAlive();
      assertThat(listed).allSatisfy(path -> assertThat(path).isReadable());
    }
  }
}
