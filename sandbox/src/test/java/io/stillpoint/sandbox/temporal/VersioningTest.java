package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.model.SnapshotType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new build is deployed while a backup of the old one waits. */
@Tag("temporal-server")
class VersioningTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path directory;
  private TemporalWorld world;

  @BeforeEach
  void start() {
    world = TemporalWorld.start(directory);
  }

  @AfterEach
  void stop() {
    if (world != null) {
      world.close();
    }
  }

  @Test
  void shouldEndABackupOnTheBuildThatBeganIt() {
    world.startBuild("one");
    makeCurrent("one");
    BackupOperation old =
        world.client().startBackup(BackupRequest.of("shop", "old", SnapshotType.MANUAL));
    world.awaitPhase("old", BackupPhase.COPYING);

    world.startBuild("two");
    makeCurrent("two");
    assertThat(world.client().list(Optional.empty(), 10))
        .extracting(b -> b.backup())
        .containsExactly("old");

    assertThat(old.finishCopy(new CopyFinished(Optional.empty(), List.of()))).contains("finished");
    assertThat(old.await(PATIENCE).orElseThrow().attempts()).isEqualTo(1);
    assertThat(history("backup/old")).contains("one").doesNotContain("\"two\"");
  }

  /** The server knows a build only once its worker polls. */
  private void makeCurrent(String build) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                world
                        .temporalRun(
                            "worker",
                            "deployment",
                            "set-current-version",
                            "--deployment-name",
                            "stillpoint",
                            "--build-id",
                            build,
                            "--yes")
                        .exitCode()
                    == 0);
  }

  private String history(String workflowId) {
    return world.temporal("workflow", "show", "--workflow-id", workflowId, "--output", "json");
  }
}
