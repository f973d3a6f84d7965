package io.stillpoint.sandbox.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.CopyProof;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileListWriter;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.catalog.OperationRecord;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every catalog must do; each implementation says how its store is looked at and damaged. */
abstract class CatalogContract {

  private static final Instant NOW = Instant.parse("2026-11-22T10:15:00Z");
  private static final ClusterTime POINT = new ClusterTime(1000, 7);
  private static final String OWNER = "backup/shop-1:run-1";

  /** One implementation, empty. */
  interface Store {
    BackupCatalog catalog(Clock clock);

    FileLists lists();

    /** Names of the lists that the store holds of a backup, unfinished ones too. */
    List<String> lists(String backup);

    /** As it is stored. */
    String manifest(String backup);

    void editManifest(String backup, UnaryOperator<String> edit);

    void editList(String backup, String name, UnaryOperator<String> edit);

    void removeList(String backup, String name);
  }

  private Store store;
  private BackupCatalog catalog;
  private FileLists lists;

  abstract Store open();

  @BeforeEach
  void openStore() {
    store = open();
    catalog = store.catalog(Clock.fixed(NOW, ZoneOffset.UTC));
    lists = store.lists();
  }

  /** By it an agent that was given another catalog is noticed. */
  @Test
  void shouldHaveOneIdentityThatOnlyAWriterMakes() {
    assertThat(catalog.seen().identity()).isEmpty();
    List<String> made =
        IntStream.range(0, 8)
            .parallel()
            .mapToObj(i -> catalog.requireWritable().identity())
            .distinct()
            .toList();

    assertThat(made).hasSize(1);
    assertThat(made.get(0)).isNotEmpty();
    assertThat(catalog.seen().identity()).isEqualTo(made.get(0));
    assertThat(catalog.requireWritable()).isEqualTo(catalog.seen());
    assertThat(catalog.list(Optional.empty(), 10)).isEmpty();
    assertThat(catalog.seen().place()).isNotEmpty().doesNotContain("password");
  }

  @Test
  void shouldReserveANameForOneOwner() {
    begin("shop-1", OWNER);
    begin("shop-1", OWNER);

    assertThat(catalog.read("shop-1").status()).isEqualTo(OperationStatus.RUNNING);
    assertCode(() -> begin("shop-1", "somebody"), ErrorCode.BACKUP_EXISTS);
    assertCode(() -> complete("shop-1", "somebody", List.of()), ErrorCode.BACKUP_EXISTS);
    assertCode(
        () -> catalog.end("shop-1", "somebody", OperationStatus.FAILED, "x"),
        ErrorCode.BACKUP_EXISTS);
  }

  @Test
  void shouldLetExactlyOneOfManyOwnersBegin() {
    long winners =
        IntStream.range(0, 16)
            .parallel()
            .filter(
                i -> {
                  try {
                    begin("shop-1", "owner-" + i);
                    return true;
                  } catch (StillpointException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.BACKUP_EXISTS);
                    return false;
                  }
                })
            .count();

    assertThat(winners).isEqualTo(1);
  }

  @Test
  void shouldReadBackWhatWasCompletedAndSweepOtherAttempts() {
    begin("shop-1", OWNER);
    part("shop-1", 1, "s0", "cursor-1");
    ManifestSet second = part("shop-1", 2, "s0", "cursor-2");
    SnapshotRef snapshot = snapshot("s0", "cursor-2", true);

    BackupSummary summary = complete("shop-1", OWNER, List.of(snapshot));

    Manifest manifest = catalog.read("shop-1");
    assertThat(summary).isEqualTo(BackupSummary.of(manifest));
    assertThat(manifest.status()).isEqualTo(OperationStatus.COMPLETED);
    assertThat(manifest.consistentPoint()).contains(POINT);
    assertThat(manifest.completedAt()).contains(NOW);
    assertThat(manifest.sets()).containsExactly(second.withSnapshots(List.of(snapshot)));
    assertThat(manifest.tags()).containsEntry("why", "test");
    assertThat(store.lists("shop-1")).containsExactly(second.files().name());
    assertThat(catalog.parts("shop-1", 1)).isEmpty();
    assertThat(complete("shop-1", OWNER, List.of())).isEqualTo(summary);
  }

  @Test
  void shouldRefuseToCompleteWhatIsNotABackup() {
    begin("shop-1", OWNER);
    assertCode(() -> complete("shop-1", OWNER, List.of()), ErrorCode.SNAPSHOT_INCOMPLETE);
    part("shop-1", 2, "s0", "cursor-2");

    assertCode(() -> complete("shop-1", OWNER, List.of()), ErrorCode.SNAPSHOT_INCOMPLETE);
    assertCode(
        () -> complete("shop-1", OWNER, List.of(snapshot("s0", "cursor-2", false))),
        ErrorCode.SNAPSHOT_INCOMPLETE);
    assertCode(
        () -> complete("shop-1", OWNER, List.of(snapshot("s9", "cursor-2", true))),
        ErrorCode.SNAPSHOT_INCOMPLETE);
    assertCode(
        () -> complete("shop-1", OWNER, List.of(snapshot("s0", "cursor-1", true))),
        ErrorCode.SNAPSHOT_FOREIGN);
    assertThat(catalog.read("shop-1").status()).isEqualTo(OperationStatus.RUNNING);
  }

  @Test
  void shouldRefuseToCompleteWithADamagedFileList() {
    begin("shop-1", OWNER);
    ManifestSet part = part("shop-1", 2, "s0", "c");
    store.editList("shop-1", part.files().name(), text -> "1 other.wt\n");

    assertCode(
        () -> complete("shop-1", OWNER, List.of(snapshot("s0", "c", true))),
        ErrorCode.FILE_LIST_DAMAGED);
  }

  @Test
  void shouldEndForGood() {
    begin("shop-1", OWNER);
    part("shop-1", 2, "s0", "c");

    catalog.end("shop-1", OWNER, OperationStatus.CANCELLED, "CANCELLED: by hand");
    catalog.end("shop-1", OWNER, OperationStatus.FAILED, "later");

    assertThat(catalog.read("shop-1").status()).isEqualTo(OperationStatus.CANCELLED);
    assertThat(catalog.read("shop-1").failure()).isEqualTo("CANCELLED: by hand");
    assertThat(store.lists("shop-1")).isEmpty();
    assertThat(catalog.parts("shop-1", 2)).isEmpty();
    assertCode(
        () -> complete("shop-1", OWNER, List.of(snapshot("s0", "c", true))),
        ErrorCode.BACKUP_NOT_COMPLETE);
    assertCode(() -> part("shop-1", 3, "s0", "c"), ErrorCode.BACKUP_NOT_COMPLETE);
    catalog.end("never-begun", OWNER, OperationStatus.FAILED, "x");
  }

  @Test
  void shouldEndACompletedBackupWhoseOwnerNeverHeardOfIt() {
    begin("shop-1", OWNER);
    part("shop-1", 2, "s0", "c");
    complete("shop-1", OWNER, List.of(snapshot("s0", "c", true)));

    catalog.end("shop-1", OWNER, OperationStatus.FAILED, "INTERNAL: lost");

    assertThat(catalog.read("shop-1").status()).isEqualTo(OperationStatus.FAILED);
    assertThat(catalog.read("shop-1").sets()).isEmpty();
  }

  @Test
  void shouldListNewestFirstAndShowDamagedOnes() {
    for (int i = 1; i <= 3; i++) {
      Clock clock = Clock.fixed(NOW.plusSeconds(i), ZoneOffset.UTC);
      store
          .catalog(clock)
          .begin(new BeginRequest("shop-" + i, "shop", SnapshotType.EBS, OWNER, Map.of()));
    }
    catalog.begin(new BeginRequest("other-1", "other", SnapshotType.EBS, OWNER, Map.of()));
    store.editManifest("shop-2", text -> text.replace("RUNNING", "COMPLETED"));

    List<BackupSummary> found = catalog.list(Optional.of("shop"), 10);

    assertThat(found)
        .extracting(BackupSummary::backup)
        .containsExactly("shop-3", "shop-2", "shop-1");
    assertThat(found.get(1).failure()).startsWith("MANIFEST_DAMAGED");
    assertThat(found.get(1).status()).isEqualTo(OperationStatus.FAILED);
    assertThat(catalog.list(Optional.empty(), 10)).hasSize(4);
    assertThat(catalog.list(Optional.empty(), 2)).hasSize(2);
  }

  @Test
  void shouldDeleteEverythingOfABackup() {
    begin("shop-1", OWNER);
    begin("shop-1-b", OWNER);
    part("shop-1", 2, "s0", "c");

    catalog.delete("shop-1");
    catalog.delete("shop-1");

    assertCode(() -> catalog.read("shop-1"), ErrorCode.BACKUP_UNKNOWN);
    assertThat(store.lists("shop-1")).isEmpty();
    assertThat(catalog.list(Optional.empty(), 10))
        .extracting(BackupSummary::backup)
        .containsExactly("shop-1-b");
    begin("shop-1", "another owner");
  }

  @Test
  void shouldKeepNamingTheSnapshotsOfABackupThatIsBeingDeleted() {
    begin("shop-1", OWNER);
    assertCode(() -> catalog.beginDelete("shop-1"), ErrorCode.BACKUP_NOT_COMPLETE);
    part("shop-1", 2, "s0", "c");
    complete("shop-1", OWNER, List.of(snapshot("s0", "c", true)));

    Manifest deleting = catalog.beginDelete("shop-1");

    assertThat(catalog.beginDelete("shop-1")).isEqualTo(deleting);
    assertThat(catalog.read("shop-1")).isEqualTo(deleting);
    assertThat(deleting.status()).isEqualTo(OperationStatus.DELETING);
    assertThat(deleting.sets().get(0).snapshots()).hasSize(1);
    assertThat(deleting.failure()).contains("stillpoint delete-backup shop-1");
    assertThat(catalog.entries("shop"))
        .extracting(CatalogEntry::state)
        .containsExactly(CatalogEntry.State.DELETING);
    catalog.end("shop-1", OWNER, OperationStatus.FAILED, "late");
    assertThat(catalog.read("shop-1").status()).isEqualTo(OperationStatus.DELETING);
  }

  @Test
  void shouldRememberWhoUsesABackupUntilItIsDeleted() {
    begin("shop-1", OWNER);
    catalog.use("shop-1", "restore/r1 run-1");
    catalog.use("shop-1", "restore/r1 run-1");
    catalog.use("shop-1", "restore/r2 run-2");

    assertThat(catalog.users("shop-1"))
        .containsExactlyInAnyOrder("restore/r1 run-1", "restore/r2 run-2");
    assertCode(() -> catalog.use("shop-9", "restore/r1 run-1"), ErrorCode.BACKUP_UNKNOWN);
    catalog.delete("shop-1");
    assertThat(catalog.users("shop-1")).isEmpty();
  }

  @Test
  void shouldTellRetentionWhatThereIs() {
    begin("shop-1", OWNER);
    begin("shop-2", OWNER);
    part("shop-2", 2, "s0", "c");
    complete("shop-2", OWNER, List.of(snapshot("s0", "c", true)));
    begin("shop-3", OWNER);
    catalog.end("shop-3", OWNER, OperationStatus.FAILED, "MANIFEST_DAMAGED: said a part");
    begin("shop-4", OWNER);
    store.editManifest("shop-4", text -> "{}");

    assertThat(catalog.entries("shop"))
        .extracting(CatalogEntry::backup, CatalogEntry::state)
        .containsExactlyInAnyOrder(
            tuple("shop-1", CatalogEntry.State.RUNNING),
            tuple("shop-2", CatalogEntry.State.GOOD),
            tuple("shop-3", CatalogEntry.State.FAILED),
            tuple("shop-4", CatalogEntry.State.UNUSABLE));
    assertThat(catalog.entries("shop"))
        .filteredOn(e -> e.state() == CatalogEntry.State.GOOD)
        .extracting(CatalogEntry::at)
        .containsExactly(POINT.seconds());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", ".hidden", "a/b", "/etc", "a\nb", "-a", "a\\b", "a b"})
  void shouldRefuseNamesThatAreNotNames(String name) {
    assertCode(() -> begin(name, OWNER), ErrorCode.BAD_INPUT);
    assertCode(() -> catalog.delete(name), ErrorCode.BAD_INPUT);
    assertCode(() -> lists.writer(name, "s0", 1), ErrorCode.BAD_INPUT);
  }

  /** A proof is about one attempt's cursors, and nobody asks for it once the backup has ended. */
  @Test
  void shouldKeepTheProofOfAnAttemptWhileItsBackupRuns() {
    begin("shop-1", OWNER);
    begin("shop-2", OWNER);
    CopyProof first = new CopyProof("shop-1", 1, List.of("cursor-1", "cursor-2"));
    CopyProof second = new CopyProof("shop-1", 2, List.of("cursor-3"));
    catalog.saveProof(first);
    catalog.saveProof(new CopyProof("shop-1", 2, List.of("cursor-9")));
    catalog.saveProof(second);
    part("shop-1", 2, "s0", "cursor-3");

    assertThat(catalog.proof("shop-1", 1)).contains(first);
    assertThat(catalog.proof("shop-1", 2)).contains(second);
    assertThat(catalog.proof("shop-1", 3)).isEmpty();
    assertThat(catalog.proof("shop-2", 1)).isEmpty();
    assertThat(catalog.parts("shop-1", 2)).as("are not proofs").hasSize(1);
    assertCode(
        () -> catalog.saveProof(new CopyProof("shop-9", 1, List.of())), ErrorCode.BACKUP_UNKNOWN);

    complete("shop-1", OWNER, List.of(snapshot("s0", "cursor-3", true)));
    assertThat(catalog.proof("shop-1", 2)).isEmpty();
    assertCode(() -> catalog.saveProof(second), ErrorCode.BACKUP_NOT_COMPLETE);
    catalog.saveProof(new CopyProof("shop-2", 1, List.of("c")));
    catalog.end("shop-2", OWNER, OperationStatus.FAILED, "x");
    assertThat(catalog.proof("shop-2", 1)).isEmpty();
  }

  @Test
  void shouldKeepTheFirstRecordOfAnOperation() {
    OperationRecord first = operation("backup/a", "{\"stopped\":false}");
    OperationRecord second = operation("backup/a", "{\"stopped\":true}");

    assertThat(catalog.saveOperation(first)).isEqualTo(first);
    assertThat(catalog.saveOperation(second)).isEqualTo(first);
    assertThat(catalog.readOperation("shop", "backup/a")).contains(first);
    assertThat(catalog.operations("shop")).containsExactly(first);
    assertThat(catalog.operations("other")).isEmpty();
    assertThat(catalog.operations()).containsExactly(first);

    catalog.forgetOperation("shop", "backup/a");
    catalog.forgetOperation("shop", "backup/a");
    assertThat(catalog.readOperation("shop", "backup/a")).isEmpty();
  }

  @Test
  void shouldAdoptAManifestUnlessItHasOne() {
    begin("shop-1", OWNER);
    part("shop-1", 2, "s0", "c");
    complete("shop-1", OWNER, List.of(snapshot("s0", "c", true)));
    Manifest manifest = catalog.read("shop-1");

    assertThat(catalog.adopt(manifest)).isFalse();
    catalog.delete("shop-1");
    assertThat(catalog.adopt(manifest)).isTrue();
    assertThat(catalog.read("shop-1")).isEqualTo(manifest);
  }

  @Test
  void shouldWriteManifestsAsTheSchemaSays() {
    ManifestSchema schema = ManifestSchema.published();
    begin("shop-1", OWNER);
    schema.assertValid(store.manifest("shop-1"));
    part("shop-1", 2, "s0", "c");
    complete("shop-1", OWNER, List.of(snapshot("s0", "c", true)));
    schema.assertValid(store.manifest("shop-1"));
    catalog.beginDelete("shop-1");
    schema.assertValid(store.manifest("shop-1"));
    begin("shop-2", OWNER);
    catalog.end("shop-2", OWNER, OperationStatus.FAILED, "INTERNAL: for the test");
    schema.assertValid(store.manifest("shop-2"));
  }

  @Test
  void shouldReadAManifestOfTheFirstVersionAndRefuseAnUnknownOne() throws IOException {
    String old;
    try (InputStream in = CatalogContract.class.getResourceAsStream("/manifests/version-1.json")) {
      old = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String name = "shop-20261122T202759Z";
    begin(name, OWNER);
    store.editManifest(name, text -> old);

    assertThat(catalog.read(name).formatVersion()).isEqualTo(1);
    assertThat(catalog.read(name).status()).isEqualTo(OperationStatus.COMPLETED);
    assertThat(catalog.read(name).sets()).isNotEmpty();
    ManifestSchema.published().assertValid(old);
    assertThat(catalog.beginDelete(name).formatVersion()).isEqualTo(Manifest.FORMAT_VERSION);
    assertThat(catalog.read(name).status()).isEqualTo(OperationStatus.DELETING);

    store.editManifest(name, text -> old.replace("\"formatVersion\" : 1", "\"formatVersion\" : 3"));
    assertCode(() -> catalog.read(name), ErrorCode.MANIFEST_VERSION);
    ManifestSchema.published().assertInvalid(store.manifest(name), "formatVersion");
  }

  @Test
  void shouldReadBackTwoHundredThousandEntries() {
    FileListRef list;
    try (FileListWriter writer = lists.writer("b", "s0", 1)) {
      for (int i = 0; i < 200_000; i++) {
        writer.add("db/collection-%d-12345678901234567.wt".formatted(i), i);
      }
      list = writer.finish();
    }

    assertThat(list.files()).isEqualTo(200_000);
    assertThat(list.bytes()).isEqualTo(199_999L * 100_000);
    try (Stream<FileEntry> entries = lists.entries("b", list)) {
      assertThat(entries.mapToLong(FileEntry::size).sum()).isEqualTo(list.bytes());
    }
    assertThat(lists.page("b", list, 199_999, 400))
        .containsExactly(new FileEntry("db/collection-199999-12345678901234567.wt", 199_999));
    assertThat(lists.page("b", list, 200_000, 400)).isEmpty();
  }

  @Test
  void shouldAppendJournalFilesTwiceWithOneResult() {
    FileListRef base = write(1, "WiredTiger", "journal/WiredTigerLog.0000000001");
    List<FileEntry> journal =
        List.of(
            new FileEntry("journal/WiredTigerLog.0000000001", 500),
            new FileEntry("journal/WiredTigerLog.0000000002", 600));

    FileListRef extended = lists.append("b", "s0", 1, base, journal);

    assertThat(lists.append("b", "s0", 1, base, journal)).isEqualTo(extended);
    assertThat(lists.append("b", "s0", 1, extended, journal)).isEqualTo(extended);
    assertThat(lists.page("b", extended, 0, 10))
        .containsExactly(
            new FileEntry("WiredTiger", 10),
            new FileEntry("journal/WiredTigerLog.0000000001", 500),
            new FileEntry("journal/WiredTigerLog.0000000002", 600));
    assertThat(extended.bytes()).isEqualTo(1110);
    lists.verify("b", base);
  }

  @Test
  void shouldNotLetALateWriterReplaceAnotherList() {
    FileListRef good = write(1, "WiredTiger", "good.wt");
    FileListRef late = write(1, "WiredTiger", "late.wt");

    assertThat(late.name()).isNotEqualTo(good.name());
    assertThat(lists.page("b", good, 1, 1)).containsExactly(new FileEntry("good.wt", 10));
  }

  @Test
  void shouldRefuseADamagedList() {
    for (UnaryOperator<String> damage :
        List.<UnaryOperator<String>>of(
            text -> "",
            text -> text.substring(0, text.length() - 8),
            text -> text.replace("a.wt", "c.wt"))) {
      FileListRef list = write(1, "WiredTiger", "a.wt", "b.wt");
      store.editList("b", list.name(), damage);
      assertDamagedList(() -> lists.verify("b", list));
      assertDamagedList(() -> lists.entries("b", list));
      store.removeList("b", list.name());
      assertDamagedList(() -> lists.verify("b", list));
    }
    FileListRef list = write(1, "WiredTiger");
    assertDamagedList(() -> lists.verify("b", new FileListRef("../x.files", 1, 1, list.sha256())));
  }

  @Test
  void shouldLeaveNothingOfAnUnfinishedList() {
    try (FileListWriter writer = lists.writer("b", "s0", 1)) {
      writer.add("WiredTiger", 1);
    }
    assertThat(store.lists("b")).isEmpty();
  }

  private FileListRef write(int attempt, String... paths) {
    try (FileListWriter writer = lists.writer("b", "s0", attempt)) {
      for (String path : paths) {
        writer.add(path, 10);
      }
      return writer.finish();
    }
  }

  private void begin(String backup, String owner) {
    catalog.begin(
        new BeginRequest(backup, "shop", SnapshotType.DIRECTORY, owner, Map.of("why", "test")));
  }

  private BackupSummary complete(String backup, String owner, List<SnapshotRef> snapshots) {
    return catalog.complete(
        new CompleteRequest(
            backup, owner, "id", true, 2, POINT, 42, BalancerSettings.NONE, snapshots, List.of()));
  }

  private ManifestSet part(String backup, int attempt, String set, String cursorBackupId) {
    FileListRef files;
    try (FileListWriter writer = lists.writer(backup, set, attempt)) {
      writer.add("WiredTiger", 47 + attempt);
      files = writer.finish();
    }
    ManifestSet part =
        new ManifestSet(
            set,
            set,
            ReplicaSetRole.SHARD,
            "127.0.0.1:1",
            "4.4.6-8",
            "4.4",
            "/data/db",
            List.of("127.0.0.1:1"),
            "{}",
            "{}",
            cursorBackupId,
            POINT,
            POINT,
            POINT,
            POINT,
            3,
            false,
            files,
            List.of(),
            List.of());
    catalog.savePart(backup, attempt, part);
    return part;
  }

  private static SnapshotRef snapshot(String set, String cursorBackupId, boolean ready) {
    return new SnapshotRef(
        set,
        "127.0.0.1:1",
        SnapshotType.DIRECTORY,
        "/snapshots/1",
        "/data/db",
        "data",
        cursorBackupId,
        10,
        ready);
  }

  private static OperationRecord operation(String id, String balancer) {
    return new OperationRecord(
        "shop", id, "backup", NOW, new BalancerSettings(balancer, "", true), Map.of());
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static void assertDamagedList(ThrowingCallable call) {
    assertCode(call, ErrorCode.FILE_LIST_DAMAGED);
  }
}
