package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every way to break a restore that was tried on Percona Server for MongoDB 4.4.6-8, with the
 * outcome measured there; most of them are silent.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokenRestoreTest {
  private static final int AT_CHECKPOINT = 2000;
  private static final int AT_OPEN = 2005;
  private static final int AT_T = 2105;
  private static final int AT_END = 2406;

  private Path base;
  private BackupSource.Backup backup;
  private BackupSource.Backup young;
  private int copies;

  @BeforeAll
  void makeBackups(@TempDir Path directory) {
    base = directory;
    String[] smallJournal = {"--setParameter", "simulatedJournalFileKB=8"};
    backup = BackupSource.make(base.resolve("old"), false, smallJournal);
    young = BackupSource.make(base.resolve("young"), true);
  }

  private Path newCopy() {
    return base.resolve("copy-" + copies++);
  }

  private RestoreToPoint restoreListed(Consumer<Path> damage) {
    Path copy = backup.copyListed(newCopy());
    damage.accept(copy);
    return RestoreToPoint.run(copy, backup.port(), backup.t());
  }

  private RestoreToPoint restoreAll(BackupSource.Backup from, Consumer<Path> damage) {
    Path copy = from.copyAll(newCopy());
    damage.accept(copy);
    return RestoreToPoint.run(copy, from.port(), from.t());
  }

  private static void assertStarted(RestoreToPoint result) {
    assertThat(result.standaloneError()).isEmpty();
    assertThat(result.memberError()).isEmpty();
  }

  private static Path file(Path copy, String name) {
    return copy.resolve(name);
  }

  private static List<Path> journal(Path copy) {
    try (var files = Files.list(copy.resolve("journal"))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The data file of test.c, the largest that is not the oplog's. */
  private static Path dataFile(Path copy, String ns) {
    int port = TestServer.freePort();
    // The catalog of another copy says which file it is; reading it here would change this one.
    try (TestServer server =
        TestServer.start(copy.resolveSibling(copy.getFileName() + "-look"), port)) {
      return server.mongod().store().catalog().get(ns) == null
          ? null
          : copy.resolve(server.mongod().store().catalog().get(ns).table().ident() + ".wt");
    }
  }

  private static Path fileOf(Path copy, BackupSource.Backup from, String ns) {
    from.copyListed(copy.resolveSibling(copy.getFileName() + "-look"));
    return dataFile(copy, ns);
  }

  private static void cut(Path file, double fraction) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, (int) (bytes.length * fraction)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("listed files, five files absent: exactly T")
  void shouldRestoreListedFilesExactly() {
    RestoreToPoint result = restoreListed(copy -> {});
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_T);
    assertThat(result.later()).isZero();
    assertThat(result.logged(21557)).isTrue();
    assertThat(result.logged(21556)).isFalse();
    assertThat(result.log())
        .contains(
            "\"t\": " + backup.checkpoint().getTime() + ", \"i\": " + backup.checkpoint().getInc());
  }

  @Test
  @DisplayName("whole directory, five deleted: exactly T")
  void shouldRestoreWholeDirectoryExactly() {
    RestoreToPoint result = restoreAll(backup, RestoreToPoint::deleteTheFive);
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_T);
    assertThat(result.later()).isZero();
  }

  @Test
  @DisplayName("whole directory, all kept, WiredTiger.backup there: exactly T on 4.4")
  void shouldRestoreEvenIfTurtleIsKept() {
    RestoreToPoint result = restoreAll(backup, copy -> {});
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_T);
    assertThat(result.logged(22430)).isTrue();
    assertThat(result.logged(22271)).isTrue();
  }

  @Test
  @DisplayName("WiredTiger.backup missing, turtle kept: later than T, no error but 21556")
  void shouldSilentlyEndLateWithoutBackupFile() {
    RestoreToPoint result =
        restoreAll(backup, copy -> RestoreToPoint.delete(file(copy, "WiredTiger.backup")));
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_END);
    assertThat(result.later()).isEqualTo(10);
    assertThat(result.logged(21556)).isTrue();
  }

  @Test
  @DisplayName("WiredTiger.backup missing, turtle and WiredTiger.wt deleted: exit 14, 34433")
  void shouldRefuseWithoutAnyMetadata() {
    RestoreToPoint result =
        restoreAll(
            backup,
            copy -> {
              RestoreToPoint.deleteTheFive(copy);
              RestoreToPoint.delete(file(copy, "WiredTiger.backup"));
            });
    assertThat(result.standaloneError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.log()).contains("34433");
  }

  @Test
  @DisplayName("the same on a young database: later than T, no error")
  void shouldRebuildMetadataOfYoungDatabaseFromJournal() {
    RestoreToPoint result =
        restoreAll(
            young,
            copy -> {
              RestoreToPoint.deleteTheFive(copy);
              RestoreToPoint.delete(file(copy, "WiredTiger.backup"));
            });
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_END);
  }

  @Test
  @DisplayName("no metadata and no journal: a fresh empty node")
  void shouldStartEmptyWithoutMetadataAndJournal() {
    RestoreToPoint result =
        restoreAll(
            backup,
            copy -> {
              RestoreToPoint.deleteTheFive(copy);
              RestoreToPoint.delete(file(copy, "WiredTiger.backup"));
              journal(copy).forEach(RestoreToPoint::delete);
            });
    assertStarted(result);
    assertThat(result.documents()).isZero();
    assertThat(result.oplogEntriesUpToT()).isEqualTo(-1);
  }

  @Test
  @DisplayName("WiredTiger.backup of 0 bytes: a fresh empty node")
  void shouldStartEmptyWithEmptyBackupFile() {
    RestoreToPoint result = restoreListed(copy -> cut(file(copy, "WiredTiger.backup"), 0));
    assertStarted(result);
    assertThat(result.documents()).isZero();
  }

  @Test
  @DisplayName("WiredTiger.backup cut in half: exit 14, 34433")
  void shouldRefuseHalfABackupFile() {
    RestoreToPoint result = restoreListed(copy -> cut(file(copy, "WiredTiger.backup"), 0.5));
    assertThat(result.standaloneError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.log()).contains("Error parsing").contains("34433");
  }

  @Test
  @DisplayName("first start killed before its checkpoint: the next finds nothing, 23987 = ckpt")
  void shouldStartEmptyAfterAFirstStartThatWasKilledInRecovery() {
    Path copy = backup.copyListed(newCopy());
    killInRecovery(copy);
    RestoreToPoint result = RestoreToPoint.run(copy, backup.port(), backup.t());
    assertStarted(result);
    assertThat(result.documents()).isZero();
    assertThat(result.oplogEntriesUpToT()).isEqualTo(-1);
    assertThat(result.log())
        .contains(
            "\"t\": " + backup.checkpoint().getTime() + ", \"i\": " + backup.checkpoint().getInc());
  }

  @Test
  @DisplayName("the same with WiredTiger.backup put back and the five deleted: exactly T")
  void shouldRestoreExactlyWhenTheBackupFileIsPutBack() throws IOException {
    Path copy = backup.copyListed(newCopy());
    byte[] kept = Files.readAllBytes(file(copy, "WiredTiger.backup"));
    for (int i = 0; i < 2; i++) {
      killInRecovery(copy);
      RestoreToPoint.deleteTheFive(copy);
      Files.write(file(copy, "WiredTiger.backup"), kept);
    }
    RestoreToPoint result = RestoreToPoint.run(copy, backup.port(), backup.t());
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_T);
    assertThat(result.later()).isZero();
  }

  private void killInRecovery(Path copy) {
    TestServer.Start killed =
        TestServer.tryStart(copy, backup.port(), "--setParameter", "simulatedEndInRecovery=true");
    assertThat(killed.server()).isEmpty();
    assertThat(file(copy, "WiredTiger.backup")).doesNotExist();
    assertThat(file(copy, "WiredTiger.turtle")).content().contains("checkpoint=,");
  }

  @Test
  @DisplayName("turtle kept, WiredTiger.wt and backup missing: exit 14, 50944")
  void shouldRefuseTurtleWithoutMetadata() {
    RestoreToPoint result =
        restoreAll(
            backup,
            copy -> {
              RestoreToPoint.delete(file(copy, "WiredTiger.backup"));
              RestoreToPoint.delete(file(copy, "WiredTiger.wt"));
            });
    assertThat(result.standaloneError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.logged(50944)).isTrue();
  }

  @Test
  @DisplayName("turtle missing, WiredTiger.wt kept, no backup: exit 14, 34433")
  void shouldRefuseMetadataWithoutTurtle() {
    RestoreToPoint result =
        restoreAll(
            backup,
            copy -> {
              RestoreToPoint.delete(file(copy, "WiredTiger.backup"));
              RestoreToPoint.delete(file(copy, "WiredTiger.turtle"));
            });
    assertThat(result.standaloneError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.log()).contains("File exists").contains("34433");
  }

  @Test
  @DisplayName("data file of a collection missing: standalone starts, member exits 14, 50882")
  void shouldFailAtFirstUseOfMissingDataFile() {
    RestoreToPoint result =
        restoreListed(copy -> RestoreToPoint.delete(fileOf(copy, backup, "test.c")));
    assertThat(result.standaloneError()).isEmpty();
    assertThat(result.memberError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.logged(50882)).isTrue();
  }

  @Test
  @DisplayName("data file of 0 bytes: standalone starts, member exits 14, 50882")
  void shouldFailAtFirstUseOfEmptyDataFile() {
    RestoreToPoint result = restoreListed(copy -> cut(fileOf(copy, backup, "test.c"), 0));
    assertThat(result.standaloneError()).isEmpty();
    assertThat(result.memberError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.log()).contains("smaller than allocation size");
  }

  @Test
  @DisplayName("oplog's file missing: exit 14")
  void shouldRefuseWithoutOplogFile() {
    RestoreToPoint result =
        restoreListed(copy -> RestoreToPoint.delete(fileOf(copy, backup, "local.oplog.rs")));
    assertThat(result.standaloneError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.log()).contains("operation apply failed during recovery");
  }

  @Test
  @DisplayName("_mdb_catalog.wt missing: exit 14, 50882; sizeStorer.wt missing: SIGABRT")
  void shouldRefuseWithoutCatalogOrSizes() {
    RestoreToPoint catalog =
        restoreListed(copy -> RestoreToPoint.delete(file(copy, "_mdb_catalog.wt")));
    assertThat(catalog.standaloneError()).map(FatalError::exitCode).hasValue(14);
    assertThat(catalog.logged(50882)).isTrue();
    RestoreToPoint sizes =
        restoreListed(copy -> RestoreToPoint.delete(file(copy, "sizeStorer.wt")));
    assertThat(sizes.standaloneError()).map(FatalError::exitCode).hasValue(FatalError.SIGABRT);
  }

  @Test
  @DisplayName("WiredTiger, WiredTigerHS.wt and storage.bson missing: exactly T")
  void shouldNotNeedTheFixedFiles() {
    RestoreToPoint result =
        restoreListed(
            copy ->
                List.of("WiredTiger", "WiredTigerHS.wt", "storage.bson")
                    .forEach(name -> RestoreToPoint.delete(file(copy, name))));
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_T);
  }

  @Test
  @DisplayName("journal missing: short, no error")
  void shouldSilentlyEndAtCheckpointWithoutJournal() {
    RestoreToPoint result = restoreListed(copy -> journal(copy).forEach(RestoreToPoint::delete));
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_CHECKPOINT);
  }

  @Test
  @DisplayName("first journal file missing: top of the oplog is T, a hole of five, no error")
  void shouldSilentlyMissDocumentsWithoutFirstJournalFile() {
    RestoreToPoint whole = restoreListed(copy -> {});
    RestoreToPoint result = restoreListed(copy -> RestoreToPoint.delete(journal(copy).get(0)));
    assertStarted(result);
    assertThat(result.logged(21557)).isTrue();
    assertThat(result.logged(21556)).isFalse();
    assertThat(result.documents()).isEqualTo(AT_T - 5);
    assertThat(result.oplogEntriesUpToT()).isEqualTo(whole.oplogEntriesUpToT() - 5);
  }

  @Test
  @DisplayName("middle journal file missing: exit 14, 50944")
  void shouldRefuseGapInJournal() {
    RestoreToPoint result = restoreListed(copy -> RestoreToPoint.delete(journal(copy).get(1)));
    assertThat(result.standaloneError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.logged(50944)).isTrue();
  }

  @Test
  @DisplayName("extend's files not copied: short, no error")
  void shouldSilentlyEndAtOpenWithoutExtend() {
    RestoreToPoint result =
        restoreListed(
            copy ->
                journal(copy).stream()
                    .filter(f -> !backup.listedByOpen().contains(copy.relativize(f).toString()))
                    .forEach(RestoreToPoint::delete));
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_OPEN);
  }

  @Test
  @DisplayName("last journal file cut: short, no error")
  void shouldSilentlyEndWhereTheLastJournalFileIsCut() {
    RestoreToPoint result =
        restoreListed(copy -> cut(journal(copy).get(journal(copy).size() - 1), 0.5));
    assertStarted(result);
    assertThat(result.documents()).isBetween(AT_OPEN, AT_T - 1);
    assertThat(result.logged(21556)).isFalse();
  }

  @Test
  @DisplayName("index file missing: standalone starts, member exits 14, 50882")
  void shouldFailAtFirstUseOfMissingIndexFile() {
    RestoreToPoint result =
        restoreListed(
            copy -> {
              Path data = fileOf(copy, backup, "test.c");
              long number = Long.parseLong(data.getFileName().toString().split("-")[1]);
              try (var files = Files.list(copy)) {
                files
                    .filter(f -> f.getFileName().toString().startsWith("index-" + (number + 1)))
                    .toList()
                    .forEach(RestoreToPoint::delete);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    assertThat(result.standaloneError()).isEmpty();
    assertThat(result.memberError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.logged(50882)).isTrue();
  }

  @Test
  @DisplayName("data file cut to 6 %: standalone starts, member exits 14, 50882")
  void shouldFailAtFirstUseOfShortDataFile() {
    RestoreToPoint result = restoreListed(copy -> cut(fileOf(copy, backup, "test.c"), 0.06));
    assertThat(result.standaloneError()).isEmpty();
    assertThat(result.memberError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.logged(50882)).isTrue();
  }

  @Test
  @DisplayName("last journal file of 0 bytes: exit 14, 50944")
  void shouldRefuseJournalFileWithoutHeader() {
    RestoreToPoint result =
        restoreListed(copy -> cut(journal(copy).get(journal(copy).size() - 1), 0));
    assertThat(result.standaloneError()).map(FatalError::exitCode).hasValue(14);
    assertThat(result.logged(50944)).isTrue();
  }

  @Test
  @DisplayName("T beyond the journal's end: everything in the journal, no error")
  void shouldSilentlyEndLateWhenPointIsBeyondTheEnd() {
    Path copy = backup.copyAll(newCopy());
    RestoreToPoint.deleteTheFive(copy);
    BsonTimestamp beyond = new BsonTimestamp(backup.t().getTime() + 3600, 1);
    RestoreToPoint result = RestoreToPoint.run(copy, backup.port(), beyond);
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_END);
    assertThat(result.logged(21556)).isFalse();
  }

  @Test
  @DisplayName("T before the checkpoint: ends at the checkpoint, no error but 21556")
  void shouldSilentlyEndAtCheckpointWhenPointIsBeforeIt() {
    Path copy = backup.copyListed(newCopy());
    BsonTimestamp before = new BsonTimestamp(backup.checkpoint().getTime() - 60, 1);
    RestoreToPoint result = RestoreToPoint.run(copy, backup.port(), before);
    assertStarted(result);
    assertThat(result.documents()).isEqualTo(AT_CHECKPOINT);
    assertThat(result.logged(21556)).isTrue();
  }
}
