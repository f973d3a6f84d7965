package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.model.SnapshotType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup that waits for a person, while everything around it goes away and comes back. */
@Tag("temporal-server")
class RestartTest {
  private static final Duration END = Duration.ofSeconds(90);

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
  void shouldGoOnAfterTemporalAndAllWorkersWereAway() {
    BackupOperation backup = waiting("b1");
    String cursor = cursor("b1");

    world.server().stop();
    world.server().start();
    assertThat(world.awaitPhase("b1", BackupPhase.COPYING).attempt()).isEqualTo(1);

    world.stopWorkers();
    world.startWorker();
    assertThat(world.awaitPhase("b1", BackupPhase.COPYING).attempt()).isEqualTo(1);

    backup.finishCopy(new CopyFinished(Optional.empty(), List.of("mine")));
    BackupResult result = backup.await(END).orElseThrow();
    assertThat(result.attempts()).isEqualTo(1);
    assertThat(world.client().manifest("b1").sets())
        .allSatisfy(s -> assertThat(s.cursorBackupId()).isEqualTo(cursor));
  }

  /** A day of waiting must not grow the history; heartbeats and getMores go on all the time. */
  @Test
  void shouldAddNoEventsWhileItWaits() throws InterruptedException {
    waiting("b2");
    AtomicReference<String> last = new AtomicReference<>("");
    Awaitility.await()
        .atMost(END)
        .pollInterval(Duration.ofSeconds(3))
        .until(() -> history().equals(last.getAndSet(history())));

    // Nothing happens here that could be awaited, and that nothing happens is what is tested.
    TimeUnit.SECONDS.sleep(Integer.getInteger("stillpoint.test.wait.seconds", 20));

    assertThat(history()).isEqualTo(last.get());
    assertThat(world.client().backup("b2").describe().phase()).isEqualTo(BackupPhase.COPYING);
    world.client().backup("b2").abort("test over");
  }

  private BackupOperation waiting(String name) {
    BackupOperation backup =
        world.client().startBackup(BackupRequest.of("shop", name, SnapshotType.MANUAL));
    world.awaitPhase(name, BackupPhase.COPYING);
    return backup;
  }

  private String cursor(String name) {
    return world.client().backup(name).describe().sets().get(0).cursorBackupId();
  }

  private String history() {
    return world.temporal("workflow", "show", "--workflow-id", "backup/b2");
  }
}
