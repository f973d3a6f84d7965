package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stillpoint.sandbox.contract.Servers.OneMember;
import io.stillpoint.sandbox.wire.CommandException;
import org.bson.BsonDocument;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

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
  @DisplayName("F4 hot backup while open")
  void shouldRefuseAHotBackupWhileOpen(OneMember r1) {
    BsonDocument command = BsonDocument.parse("{createBackup: 1, backupDir: '/nonexistent/x'}");
    try (Backup backup = r1.node().open()) {
      try {
        r1.node().run("admin", command);
        throw new AssertionError("createBackup succeeded into a directory that cannot exist");
      } catch (CommandException e) {
        assumeTrue(e.code() != 59, "this build has no createBackup");
        if (r1.node().version().has("4.4.18", "5.0.14", "6.0.3")) {
          assertThat(e.code()).isEqualTo(29102);
        }
      }
      backup.assertAlive();
    }
  }
}
