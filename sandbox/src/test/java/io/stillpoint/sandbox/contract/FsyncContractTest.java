package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.contract.Servers.OneMember;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract's rows "fsync / hot backup". */
@Contract
class FsyncContractTest {

  @Test
  @DisplayName("F1 open while locked")
  void shouldRefuseToOpenWhileLocked(OneMember r1) {
    r1.node().run("{fsync: 1, lock: true}");
    try {
      r1.node().assertFails(Node.openCommand(new BsonDocument()), 50887, "fsyncLocked");
    } finally {
      r1.node().run("{fsyncUnlock: 1}");
    }
    try (Backup backup = r1.node().open()) {
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("F2 E15 lock while open")
  void shouldRefuseToLockWhileOpen(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      r1.node()
          .assertFails(
              BsonDocument.parse("{fsync: 1, lock: true}"),
              50884,
              "existing backup cursor must be closed before fsyncLock");
      assertThat(r1.node().insert()).isNotNull();
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("F3 checkpoint while open")
  void shouldAllowACheckpointWhileOpen(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      r1.node().run("{fsync: 1}");
      backup.assertAlive();
    }
  }

  @Test
  @OnServers(
      from = {"4.4.18", "5.0.14", "6.0.3"},
      because = "this build has no createBackup")
  @DisplayName("F4 hot backup while open")
  void shouldRefuseAHotBackupWhileOpen(OneMember r1) {
    BsonDocument command = BsonDocument.parse("{createBackup: 1, backupDir: '/nonexistent/x'}");
    try (Backup backup = r1.node().open()) {
      r1.node().assertFails(command, 29102, "");
      backup.assertAlive();
    }
  }

  @Test
  @OnServers(
      from = {"4.4.18", "5.0.14", "6.0.3"},
      simulatedOnly = true,
      because = "a hot backup can be held only in the simulation, and this build has none")
  @DisplayName("F5 open while a hot backup runs")
  void shouldRefuseToOpenWhileAHotBackupRuns(OneMember r1, @TempDir Path target) throws Exception {
    Node node = r1.node();
    hold(node, "alwaysOn");
    CompletableFuture<BsonDocument> hot;
    try (Node other = new Node(node.server())) {
      hot =
          CompletableFuture.supplyAsync(
              () ->
                  other.run(
                      "admin",
                      BsonDocument.parse("{createBackup: 1}")
                          .append("backupDir", new BsonString(target.toString()))));
      try {
        await().until(() -> Files.exists(target.resolve("WiredTiger")));
        node.assertFails(
            Node.openCommand(new BsonDocument()), 29098, "hot backup ('createBackup' command)");
        node.assertFails(
            Backup.extendCommand(new BsonBinary(UUID.randomUUID()), new BsonTimestamp(0, 0)),
            29099,
            "");
        node.assertFails(BsonDocument.parse("{fsync: 1, lock: true}"), 29097, "");
      } finally {
        hold(node, "off");
      }
      assertThat(hot.get(60, TimeUnit.SECONDS).getNumber("ok").intValue()).isOne();
    }
    assertThat(target.resolve("WiredTiger.backup")).exists();
    try (Backup backup = node.open()) {
      backup.assertAlive();
    }
  }

  private static void hold(Node node, String mode) {
    node.run("{configureFailPoint: 'simulatedHoldHotBackup', mode: '" + mode + "'}");
  }
}
