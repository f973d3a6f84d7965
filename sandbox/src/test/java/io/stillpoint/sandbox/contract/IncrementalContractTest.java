package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sandbox.contract.Servers.Standalone;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The contract's rows "Incremental". Stillpoint makes full backups; a client must know the rest.
 */
@Contract
class IncrementalContractTest {
  private static final String NOT_USABLE = "incremental backups are not usable in this build";

  private static BsonDocument named(String name) {
    return Node.openCommand(
        BsonDocument.parse("{incrementalBackup: true}")
            .append("thisBackupName", new BsonString(name)));
  }

  private static BsonDocument named(String name, String base) {
    BsonDocument command = named(name);
    options(command).append("srcBackupName", new BsonString(base));
    return command;
  }

  private static BsonDocument options(BsonDocument command) {
    return command.getArray("pipeline").get(0).asDocument().getDocument("$backupCursor");
  }

  private static String newName() {
    return UUID.randomUUID().toString();
  }

  private static List<BsonDocument> backUp(Node node, BsonDocument command) {
    try (Backup backup = node.open(command)) {
      return List.copyOf(backup.files());
    }
  }

  private static long number(BsonDocument document, String field) {
    return document.getInt64(field).getValue();
  }

  @Test
  @OnServers(
      from = {"4.4.18", "5.0.14", "6.0.3"},
      because = NOT_USABLE)
  @DisplayName("I1 base")
  void shouldListWholeFilesInABase(Standalone s) {
    assertThat(backUp(s.node(), named(newName())))
        .isNotEmpty()
        .filteredOn(file -> number(file, "fileSize") > 0)
        .allSatisfy(
            file -> {
              assertThat(number(file, "offset")).isZero();
              assertThat(number(file, "length")).isEqualTo(number(file, "fileSize"));
            });
  }

  @Test
  @OnServers(
      from = {"4.4.18", "5.0.14", "6.0.3"},
      because = NOT_USABLE)
  @DisplayName("I2 what changed since")
  void shouldListChangedBlocks(Standalone s) {
    s.node().insert("changing", document(1_000_000));
    s.node().insert("resting", document(10));
    s.node().run("{fsync: 1}");
    String base = newName();
    backUp(s.node(), named(base));
    s.node().insert("changing", document(10));
    s.node().run("{fsync: 1}");

    Map<String, List<BsonDocument>> files =
        backUp(s.node(), named(newName(), base)).stream()
            .collect(Collectors.groupingBy(each -> each.getString("filename").getValue()));

    assertThat(files.values())
        .anySatisfy(
            parts ->
                assertThat(parts)
                    .allSatisfy(
                        part -> {
                          assertThat(part).containsKey("offset");
                          assertThat(number(part, "length")).isBetween(1L, 16L << 20);
                        }))
        .anySatisfy(
            parts -> assertThat(parts.get(0).keySet()).containsExactly("filename", "fileSize"));
  }

  private static BsonDocument document(int size) {
    return new BsonDocument("_id", new BsonString(newName()))
        .append("text", new BsonString("x".repeat(size)));
  }

  @Test
  @OnServers(
      from = {"4.4.18", "5.0.14", "6.0.3"},
      because = NOT_USABLE)
  @DisplayName("I3 name used twice")
  void shouldRefuseAUsedName(Standalone s) {
    String name = newName();
    backUp(s.node(), named(name));
    s.node().assertFails(named(name), 2, "Invalid argument");
    assertThat(s.node().isBackupOpen()).isFalse();
  }

  @Test
  @OnServers(
      from = {"4.4.18", "5.0.14", "6.0.3"},
      because = NOT_USABLE)
  @DisplayName("I4 unknown base")
  void shouldRefuseAnUnknownBase(Standalone s) {
    s.node().assertFails(named(newName(), newName()), 8, "No such file or directory");
    assertThat(s.node().isBackupOpen()).isFalse();
  }

  @Test
  @OnServers(
      from = {"4.4.18", "5.0.14", "6.0.3"},
      because = NOT_USABLE)
  @DisplayName("I5 another block size")
  void shouldRefuseAnotherBlockSize(Standalone s) {
    String base = newName();
    backUp(s.node(), named(base));
    BsonDocument command = named(newName(), base);
    options(command).append("blockSize", new BsonInt32(8));
    s.node().assertFails(command, 2, "Invalid argument");
    assertThat(s.node().isBackupOpen()).isFalse();
  }

  @Test
  @OnServers(
      from = {"4.4.18", "5.0.14", "6.0.3"},
      because = NOT_USABLE)
  @DisplayName("I6 history given up")
  void shouldForgetTheHistory(Standalone s) {
    String base = newName();
    backUp(s.node(), named(base));
    BsonDocument disable = Node.openCommand(BsonDocument.parse("{disableIncrementalBackup: true}"));
    try (Backup backup = s.node().open(disable)) {
      assertThat(backup.firstBatch()).hasSize(1);
      assertThat(backup.files()).isEmpty();
      s.node()
          .assertFails(
              Node.openCommand(new BsonDocument()), 50886, "existing backup cursor must be closed");
    }
    s.node().assertFails(named(newName(), base), 8, "No such file or directory");
  }
}
