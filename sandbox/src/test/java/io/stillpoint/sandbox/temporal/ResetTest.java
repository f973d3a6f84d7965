package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
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

/** A person resets a backup from the UI or the stock command line, and watches it. */
@Tag("temporal-server")
class ResetTest {

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
  void shouldEndTheSecondRunAtOnceAndFreeTheCluster() {
    resetInCopy("b1", "LastWorkflowTask");
    await().atMost(Duration.ofSeconds(60)).until(() -> !cursorOpen());
    assertThat(command("status", "--cluster", "shop").output()).contains("nothing runs");

    // This one mends what the last left, and leaves its lock behind.
    resetInCopy("b2", "FirstWorkflowTask");

    backupInCopy("b3");
    assertThat(command("backup-finish", "b3").exitCode()).isZero();
    await().atMost(Duration.ofSeconds(60)).until(() -> status("b3") == OperationStatus.COMPLETED);
    assertThat(status("b1")).isEqualTo(OperationStatus.FAILED);
    assertThat(status("b2")).isEqualTo(OperationStatus.FAILED);
  }

  private void resetInCopy(String name, String type) {
    backupInCopy(name);
    world.temporal(
        "workflow", "reset", "--workflow-id", "backup/" + name, "--type", type, "--reason", "test");
    TemporalWorld.Run watched = command("watch", name);
    assertThat(watched.exitCode()).isEqualTo(13);
    assertThat(watched.output())
        .contains("error [OPERATION_RESET]", "'backup/%s' was reset".formatted(name), "HINT: ")
        .doesNotContain("terminated by force");
  }

  private OperationStatus status(String backup) {
    return world.client().list(Optional.of("shop"), 5).stream()
        .filter(b -> b.backup().equals(backup))
        .map(BackupSummary::status)
        .findFirst()
        .orElseThrow();
  }

  private void backupInCopy(String name) {
    world.client().startBackup(BackupRequest.of("shop", name, SnapshotType.MANUAL));
    world.awaitPhase(name, BackupPhase.COPYING);
  }

  private TemporalWorld.Run command(String... arguments) {
    return CommandLine.run(world.environment(), arguments);
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
