package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.stillpoint.backup.BackupPhase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A namespace in which nobody has registered our search attributes. */
@Tag("temporal-server")
class SearchAttributesTest {
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

  @TempDir Path directory;
  private TemporalWorld world;

  @BeforeEach
  void start() {
    world = TemporalWorld.start(directory);
    log.start();
    root.addAppender(log);
    world.startWorker();
  }

  @AfterEach
  void stop() {
    root.detachAppender(log);
    if (world != null) {
      world.close();
    }
  }

  @Test
  void shouldWorkWithoutThemAndSayWhatIsMissing() {
    // Under an id of its own it could be found quickly by its search attribute only.
    world.startBackup("odd-id", "{\"cluster\":\"shop\",\"type\":\"manual\",\"backup\":\"bare\"}");
    world.awaitPhase("bare", BackupPhase.COPYING);

    assertThat(command("status").output()).contains("bare", "COPYING");
    assertThat(command("describe-backup", "bare").output())
        .contains("bare", "COPYING", "1 kept alive by control@");
    String point = world.client().backup("bare").describe().consistentPoint().orElseThrow() + " ";
    assertThat(command("list").output()).contains("RUNNING", point);
    TemporalWorld.Run unknown = command("watch", "nothing-of-this-name");
    assertThat(unknown.output())
        .contains("[OPERATION_UNKNOWN]", "nothing-of-this-name", "HINT: stillpoint setup");
    assertThat(unknown.exitCode()).isEqualTo(10);
    assertThat(command("backup-finish", "bare").exitCode()).isZero();
    world.temporal("workflow", "result", "--workflow-id", "odd-id");
    assertThat(command("list").output()).contains("bare", "COMPLETED");

    assertThat(log.list)
        .filteredOn(e -> e.getLevel() == Level.WARN)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anySatisfy(
            m ->
                assertThat(m)
                    .contains("StillpointCluster", "StillpointBackup", "StillpointPhase")
                    .contains("HINT: run 'stillpoint setup'"));
    assertThat(world.temporal("workflow", "show", "--workflow-id", "odd-id"))
        .doesNotContain("WorkflowTaskFailed", "UpsertWorkflowSearchAttributes");
  }

  @Test
  void shouldRegisterThemOnceAndThenFindThem() {
    assertThat(command("setup").output()).contains("registered: StillpointCluster");
    assertThat(command("setup").output()).contains("were registered before");
    assertThat(command("watch", "nothing-of-this-name").output())
        .contains("[OPERATION_UNKNOWN]")
        .doesNotContain("stillpoint setup");
  }

  private TemporalWorld.Run command(String... arguments) {
    return CommandLine.run(world.environment(), arguments);
  }
}
