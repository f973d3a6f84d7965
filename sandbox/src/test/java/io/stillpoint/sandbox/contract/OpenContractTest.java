package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sandbox.contract.Servers.OneMember;
import io.stillpoint.sandbox.contract.Servers.Sharded;
import io.stillpoint.sandbox.contract.Servers.Standalone;
import io.stillpoint.sandbox.contract.Servers.ThreeMembers;
import java.nio.file.Path;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract's rows "Open / reply". */
@Contract
class OpenContractTest {

  private static BsonDocument withBatchSize(int size) {
    BsonDocument command = Node.openCommand(new BsonDocument());
    command.put("cursor", new BsonDocument("batchSize", new BsonInt32(size)));
    return command;
  }

  @Test
  @DisplayName("O1 reply of a standalone")
  void shouldDescribeABackupOfAStandalone(Standalone s) {
    try (Backup backup = s.node().open()) {
      assertThat(backup.namespace()).isEqualTo("admin.$cmd.aggregate");
      assertThat(backup.id()).isNotZero();
      assertThat(backup.firstBatch().get(0).keySet()).containsExactly("metadata");
      BsonBinary id = backup.backupId();
      assertThat(id.getType()).isEqualTo((byte) 4);
      assertThat(id.getData()).hasSize(16);
      assertThat(backup.metadata().getString("dbpath").getValue())
          .isEqualTo(s.node().server().dbPath().toString());
      assertThat(backup.metadata()).doesNotContainKeys("oplogStart", "oplogEnd");
    }
  }

  @Test
  @DisplayName("O2 oplog limits of a replica set")
  void shouldGiveTheOplogsLimits(OneMember r1) {
    r1.node().insert();
    try (Backup backup = r1.node().open()) {
      BsonTimestamp start = backup.metadata().getDocument("oplogStart").getTimestamp("ts");
      BsonTimestamp end = backup.metadata().getDocument("oplogEnd").getTimestamp("ts");
      assertThat(backup.metadata().getDocument("oplogStart").get("t").isInt64()).isTrue();
      assertThat(backup.metadata().getDocument("oplogEnd").getInt64("t").getValue())
          .isGreaterThanOrEqualTo(1);
      assertThat(start).isLessThanOrEqualTo(end);
      if (backup.metadata().containsKey("checkpointTimestamp")) {
        assertThat(backup.metadata().getTimestamp("checkpointTimestamp")).isBetween(start, end);
      }
    }
  }

  @Test
  @Tag("versions")
  @DisplayName("O3 files")
  void shouldListTheFilesOfTheBackup(OneMember r1) {
    Path dbPath = r1.node().server().dbPath();
    try (Backup backup = r1.node().open()) {
      List<BsonDocument> files = backup.files();
      assertThat(files).allSatisfy(each -> assertThat(each.get("fileSize").isInt64()).isTrue());
      List<Path> paths =
          files.stream().map(each -> Path.of(each.getString("filename").getValue())).toList();
      assertThat(paths)
          .doesNotHaveDuplicates()
          .allSatisfy(path -> assertThat(path).startsWith(dbPath).exists());
      assertThat(paths.stream().map(path -> dbPath.relativize(path).toString()))
          .contains("WiredTiger", "WiredTiger.backup", "_mdb_catalog.wt", "sizeStorer.wt")
          .anyMatch(name -> name.startsWith("journal/WiredTigerLog."))
          .doesNotContain(
              "WiredTiger.wt",
              "WiredTiger.turtle",
              "WiredTiger.lock",
              "mongod.lock",
              "storage.bson");
    }
  }

  @Test
  @DisplayName("O4 small batches, then empty ones")
  void shouldKeepTheCursorOpenAtItsEnd(Standalone s) {
    try (Backup backup = s.node().open(withBatchSize(2))) {
      assertThat(backup.firstBatch()).hasSize(2);
      BsonDocument rest = backup.getMore();
      assertThat(rest.getArray("nextBatch")).hasSizeGreaterThan(4);
      BsonDocument end = backup.getMore();
      assertThat(end.getArray("nextBatch")).isEmpty();
      assertThat(end.getNumber("id").longValue()).isEqualTo(backup.id());
    }
  }

  @Test
  @DisplayName("O5 batch size 0 opens the backup")
  void shouldOpenWithAnEmptyFirstBatch(Standalone s) {
    try (Backup backup = s.node().open(withBatchSize(0))) {
      assertThat(backup.firstBatch()).isEmpty();
      assertThat(backup.id()).isNotZero();
      s.node()
          .assertFails(
              Node.openCommand(new BsonDocument()), 50886, "existing backup cursor must be closed");
      BsonArray batch = backup.getMore().getArray("nextBatch");
      assertThat(batch.get(0).asDocument()).containsKey("metadata");
    }
  }

  @Test
  @DisplayName("O6 default batch size")
  void shouldGive101DocumentsAtFirst(Standalone s) {
    for (int i = 0; i < 60; i++) {
      s.node().insert("many" + i, BsonDocument.parse("{_id: 1}"));
    }
    s.node().run("{fsync: 1}");
    try (Backup backup = s.node().open()) {
      assertThat(backup.firstBatch()).hasSize(101);
    } finally {
      for (int i = 0; i < 60; i++) {
        s.node().run("contract", BsonDocument.parse("{drop: 'many" + i + "'}"));
      }
    }
  }

  @Test
  @DisplayName("O7 second open")
  void shouldRefuseASecondBackup(Standalone s) {
    try (Backup backup = s.node().open()) {
      s.node()
          .assertFails(
              Node.openCommand(new BsonDocument()), 50886, "existing backup cursor must be closed");
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("O8 every backup has its own id")
  void shouldGiveEveryBackupItsOwnId(Standalone s) {
    BsonBinary first;
    try (Backup backup = s.node().open()) {
      first = backup.backupId();
    }
    try (Backup backup = s.node().open()) {
      assertThat(backup.backupId()).isNotEqualTo(first);
    }
  }

  @Test
  @DisplayName("O9 on another database")
  void shouldOpenOnAnyDatabase(Standalone s) {
    Backup backup = s.node().open("test", Node.openCommand(new BsonDocument()));
    assertThat(backup.namespace()).isEqualTo("test.$cmd.aggregate");
    s.node().run("test", backup.killCommand());
    assertThat(s.node().isBackupOpen()).isFalse();
  }

  @Test
  @Tag("versions")
  @DisplayName("O10 options in the metadata")
  void shouldRepeatTheOptionsInNewerVersions(Standalone s) {
    boolean described = s.node().version().has("4.4.18", "5.0.14", "6.0.3");
    try (Backup backup = s.node().open()) {
      BsonDocument metadata = backup.metadata();
      if (described) {
        assertThat(metadata.getBoolean("disableIncrementalBackup").getValue()).isFalse();
        assertThat(metadata.getBoolean("incrementalBackup").getValue()).isFalse();
        assertThat(metadata.get("blockSize")).isEqualTo(new BsonInt32(16));
      } else {
        assertThat(metadata)
            .doesNotContainKeys("disableIncrementalBackup", "incrementalBackup", "blockSize");
      }
    }
  }

  @Test
  @DisplayName("O11 serverStatus")
  void shouldTellWhetherABackupIsOpen(Standalone s) {
    assertThat(s.node().isBackupOpen()).isFalse();
    try (Backup backup = s.node().open()) {
      assertThat(s.node().isBackupOpen()).isTrue();
      backup.assertAlive();
    }
    assertThat(s.node().isBackupOpen()).isFalse();
  }

  @Test
  @DisplayName("O12 $currentOp")
  void shouldShowTheIdleCursor(Standalone s) {
    try (Backup backup = s.node().open()) {
      BsonDocument command =
          Node.command(
              BsonDocument.parse("{$currentOp: {idleCursors: true, allUsers: true}}"),
              BsonDocument.parse(
                  "{$match: {type: 'idleCursor', 'cursor.originatingCommand.comment': 't',"
                      + " 'cursor.originatingCommand.pipeline.0.$backupCursor': {$exists: true}}}"));
      List<BsonValue> found =
          s.node().run("admin", command).getDocument("cursor").getArray("firstBatch");
      assertThat(found).hasSize(1);
      BsonDocument cursor = found.get(0).asDocument().getDocument("cursor");
      assertThat(cursor.getNumber("cursorId").longValue()).isEqualTo(backup.id());
      assertThat(cursor.getBoolean("tailable").getValue()).isTrue();
      assertThat(cursor.getBoolean("awaitData").getValue()).isFalse();
      assertThat(cursor.getBoolean("noCursorTimeout").getValue()).isFalse();
    }
  }

  @Test
  @DisplayName("O13 on a secondary")
  void shouldOpenOnASecondary(ThreeMembers r3) {
    try (Backup backup = r3.secondary().open()) {
      backup.assertAlive();
    }
    try (Backup backup = r3.hidden().open()) {
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("O14 on a secondary without a read preference")
  void shouldRefuseASecondaryWithoutAReadPreference(ThreeMembers r3) {
    BsonDocument command = Node.openCommand(new BsonDocument());
    command.remove("$readPreference");
    r3.secondary().assertFails(command, 13435, "");
    assertThat(r3.secondary().isBackupOpen()).isFalse();
  }

  @Test
  @Tag("versions")
  @DisplayName("O15 in maintenance mode")
  void shouldRefuseAMemberInMaintenance(ThreeMembers r3) {
    Node hidden = r3.hidden();
    try (Backup backup = hidden.open()) {
      hidden.run("{replSetMaintenance: true}");
      try {
        hidden.assertFails(backup.getMoreCommand(), 13436, "");
        hidden.assertFails(Node.openCommand(new BsonDocument()), 13436, "");
      } finally {
        hidden.run("{replSetMaintenance: false}");
      }
      org.awaitility.Awaitility.await()
          .ignoreException(io.stillpoint.sandbox.wire.CommandException.class)
          .untilAsserted(backup::assertAlive);
    }
  }

  @Test
  @DisplayName("O16 through mongos")
  void shouldBeUnknownToMongos(Sharded sh) {
    sh.mongos()
        .assertFails(
            Node.openCommand(new BsonDocument()),
            40324,
            "Unrecognized pipeline stage name: '$backupCursor'");
  }

  @Test
  @OnServers(from = "8.0.0", because = "servers before 8.0 do not restrict it")
  @DisplayName("O17 read concern")
  void shouldRefuseOtherReadConcernsFrom8(OneMember r1) {
    for (String level : List.of("snapshot", "linearizable", "available")) {
      r1.node().assertFails(withReadConcern(level), 72, "");
    }
    for (String level : List.of("local", "majority")) {
      try (Backup backup = r1.node().open(withReadConcern(level))) {
        backup.assertAlive();
      }
    }
  }

  private static BsonDocument withReadConcern(String level) {
    return Node.openCommand(new BsonDocument())
        .append("readConcern", BsonDocument.parse("{level: '" + level + "'}"));
  }

  @Test
  @DisplayName("O18 failure after opening")
  void shouldReleaseABackupWhoseOpenFailed(Standalone s) {
    failPoint(s.node(), "alwaysOn");
    try {
      s.node()
          .assertFails(Node.openCommand(new BsonDocument()), 50919, "Failpoint hit after opening");
      assertThat(s.node().isBackupOpen()).isFalse();
    } finally {
      failPoint(s.node(), "off");
    }
    try (Backup backup = s.node().open()) {
      backup.assertAlive();
    }
  }

  private static void failPoint(Node node, String mode) {
    node.run("{configureFailPoint: 'backupCursorErrorAfterOpen', mode: '" + mode + "'}");
  }
}
