package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.recover.Finding;
import io.stillpoint.recover.Finding.Kind;
import io.stillpoint.recover.Finding.Outcome;
import io.stillpoint.recover.RecoverClusterRequest;
import io.stillpoint.recover.RecoverClusterResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person terminates a backup from the UI or the stock command line: it can clean up nothing. */
@Tag("temporal-server")
class TerminateTest {

  @TempDir Path directory;
  private TemporalWorld world;

  @BeforeEach
  void start() {
    world = TemporalWorld.start(directory);
    world.startWorker();
  }

  @AfterEach
  void stop() {
    if (world != null) {
      world.close();
    }
  }

  @Test
  void shouldCloseTheCursorOfATerminatedBackupAndMendTheRest() {
    backupInCopy("b1");
    assertThat(cursorOpen()).isTrue();

    world.temporal("workflow", "terminate", "--workflow-id", "backup/b1", "--reason", "test");

    await().atMost(Duration.ofSeconds(60)).until(() -> !cursorOpen());
    RecoverClusterResult result = world.client().recover(RecoverClusterRequest.of("shop"));
    assertThat(result.failed()).as(result.toString()).isFalse();
    assertThat(result.findings())
        .filteredOn(f -> f.outcome() == Outcome.MENDED)
        .extracting(Finding::kind)
        .containsExactly(Kind.BACKUP);
    assertThat(world.client().list(Optional.of("shop"), 5))
        .singleElement()
        .satisfies(b -> assertThat(b.status()).isEqualTo(OperationStatus.FAILED));
  }

  /** Nobody is left to notice: the cursor stays open until somebody mends the cluster. */
  @Test
  void shouldMendWhatABackupLeftWhoseWorkersAreGoneToo() {
    backupInCopy("b1");
    world.stopWorkers();
    world.temporal("workflow", "terminate", "--workflow-id", "backup/b1", "--reason", "test");
    assertThat(cursorOpen()).isTrue();
    world.startWorker();

    backupInCopy("b2");

    assertThat(world.client().backup("b2").describe().notes())
        .anyMatch(n -> n.contains("backup cursor of 'b1'") && n.contains("closed it"));
    world.client().backup("b2").abort("test over");
    await().atMost(Duration.ofSeconds(60)).until(() -> !cursorOpen());
  }

  private void backupInCopy(String name) {
    world.client().startBackup(BackupRequest.of("shop", name, SnapshotType.MANUAL));
    world.awaitPhase(name, BackupPhase.COPYING);
  }

  private boolean cursorOpen() {
    BsonDocument status =
        world
            .cluster()
            .members()
            .get(0)
            .run("admin", new BsonDocument("serverStatus", new BsonInt32(1)));
    return status.getDocument("storageEngine").getBoolean("backupCursorOpen").getValue();
  }
}
