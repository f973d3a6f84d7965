package io.stillpoint.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.CursorActivities.CopiedRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker dies between closing the cursors and telling so: what proves the copies then. */
class CopyProofsTest {

  @TempDir private Path root;
  private CopyProofs proofs;
  private boolean open = true;
  private ErrorCode refusal = ErrorCode.CURSOR_LOST;

  @BeforeEach
  void begin() {
    DirectoryCatalog catalog = new DirectoryCatalog(root, Clock.systemUTC());
    catalog.begin(new BeginRequest("b1", "shop", SnapshotType.DIRECTORY, "backup/b1 r", Map.of()));
    proofs = new CopyProofs(catalog);
  }

  @Test
  void shouldFindTheProofOfCursorsThatWereClosedSince() {
    assertThat(proofs.make(request(1, "a", "b"), this::touch)).as("seen alive").isTrue();
    open = false;

    assertThat(proofs.make(request(1, "a", "b"), this::touch)).as("seen alive").isFalse();
    assertThat(proofs.find(request(1, "a", "b"), this::touch)).as("seen alive").isFalse();
  }

  @Test
  void shouldNotTakeItForAProofOfOtherCursorsOrAnotherAttempt() {
    proofs.make(request(1, "a", "b"), this::touch);
    open = false;

    assertCode(() -> proofs.find(request(1, "a"), this::touch), ErrorCode.CURSOR_LOST);
    assertCode(() -> proofs.find(request(1, "a", "c"), this::touch), ErrorCode.CURSOR_LOST);
    assertCode(() -> proofs.find(request(2, "a", "b"), this::touch), ErrorCode.CURSOR_LOST);
  }

  @Test
  void shouldRecordNothingThatItDidNotSee() {
    open = false;
    assertCode(() -> proofs.make(request(1, "a"), this::touch), ErrorCode.CURSOR_LOST);
    assertCode(() -> proofs.find(request(1, "a"), this::touch), ErrorCode.CURSOR_LOST);

    open = true;
    assertThat(proofs.find(request(1, "a"), this::touch)).isTrue();
    open = false;
    assertCode(() -> proofs.find(request(1, "a"), this::touch), ErrorCode.CURSOR_LOST);
  }

  /** Its file is not waited for, so a loss of power may leave anything of it. */
  @Test
  void shouldTakeADamagedRecordForNone() throws IOException {
    proofs.make(request(1, "a"), this::touch);
    Files.write(root.resolve("b1/1.proof.json"), new byte[0]);
    assertThat(proofs.find(request(1, "a"), this::touch)).as("seen alive").isTrue();

    open = false;
    assertCode(() -> proofs.find(request(1, "a"), this::touch), ErrorCode.CURSOR_LOST);
  }

  /** It may have been proven, so nobody is to say that it was lost. */
  @Test
  void shouldNotCallACursorLostWhileTheRecordCannotBeRead() throws IOException {
    proofs.make(request(1, "a"), this::touch);
    Files.delete(root.resolve("b1/1.proof.json"));
    Files.createDirectory(root.resolve("b1/1.proof.json"));
    assertThat(proofs.find(request(1, "a"), this::touch)).as("seen alive").isTrue();

    open = false;
    assertCode(() -> proofs.find(request(1, "a"), this::touch), ErrorCode.CATALOG_UNREADABLE);
  }

  /** Its member went down after the proof. */
  @Test
  void shouldFindTheProofOfCursorsThatCannotBeAsked() {
    refusal = ErrorCode.MONGO_UNREACHABLE;
    proofs.make(request(1, "a"), this::touch);
    open = false;

    assertThat(proofs.find(request(1, "a"), this::touch)).as("seen alive").isFalse();
    assertCode(() -> proofs.find(request(1, "b"), this::touch), ErrorCode.MONGO_UNREACHABLE);
  }

  @Test
  void shouldFailWhatCannotBeRecorded() {
    assertCode(
        () -> proofs.make(new CopiedRequest("b2", 1, List.of(cursor("a"))), this::touch),
        ErrorCode.BACKUP_UNKNOWN);
  }

  private void touch() {
    if (!open) {
      throw new StillpointException(refusal, "cursor id 1 not found", "");
    }
  }

  private static CopiedRequest request(int attempt, String... cursors) {
    return new CopiedRequest(
        "b1", attempt, List.of(cursors).stream().map(CopyProofsTest::cursor).toList());
  }

  private static BackupCursor cursor(String cursorBackupId) {
    return new BackupCursor(
        "shop",
        "rs0",
        "host:27017",
        1,
        "session",
        cursorBackupId,
        "/data",
        new ClusterTime(1, 1),
        new ClusterTime(1, 1),
        new ClusterTime(1, 1),
        new FileListRef("rs0.files", 1, 1, "00"));
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
