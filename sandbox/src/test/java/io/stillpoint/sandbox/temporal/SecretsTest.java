package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.backup.BackupPhase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is in a connection string stays in the worker's configuration. */
@Tag("temporal-server")
class SecretsTest {
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

  @TempDir Path directory;
  private TemporalWorld world;
  private Level before;

  @BeforeEach
  void start() {
    world = TemporalWorld.start(directory);
    before = root.getLevel();
    root.setLevel(Level.INFO);
    log.start();
    root.addAppender(log);
    world.startWorker();
  }

  @AfterEach
  void stop() {
    root.detachAppender(log);
    if (world != null) {
      root.setLevel(before);
      world.close();
    }
  }

  @Test
  void shouldKeepTheConnectionStringOutOfHistoriesManifestsAndLogs() throws IOException {
    world.startBackup(
        "backup/good", "{\"cluster\":\"shop\",\"type\":\"manual\",\"backup\":\"good\"}");
    world.awaitPhase("good", BackupPhase.COPYING);
    world.temporal("workflow", "signal", "--workflow-id", "backup/good", "--name", "copyFinished");
    world.temporal("workflow", "result", "--workflow-id", "backup/good");
    // The failure of a database that is gone quotes addresses, and must quote no more.
    world.cluster().stopAll();
    world.startBackup(
        "backup/bad", "{\"cluster\":\"shop\",\"type\":\"manual\",\"backup\":\"bad\"}");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                world
                    .temporal("workflow", "describe", "--workflow-id", "backup/bad")
                    .contains("MONGO_UNREACHABLE"));

    List<String> ids = workflowIds();
    assertThat(ids).contains("backup/good", "backup/bad");
    for (String id : ids) {
      assertThat(world.temporal("workflow", "show", "--workflow-id", id, "--output", "json"))
          .doesNotContain(TemporalWorld.SECRET);
      assertThat(world.temporal("workflow", "describe", "--workflow-id", id))
          .doesNotContain(TemporalWorld.SECRET);
    }
    List<Path> files = filesOf(world.catalog());
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      assertThat(Files.readString(file)).as(file.toString()).doesNotContain(TemporalWorld.SECRET);
    }
    assertThat(log.list).isNotEmpty();
    assertThat(log.list)
        .allSatisfy(e -> assertThat(e.getFormattedMessage()).doesNotContain(TemporalWorld.SECRET));
  }

  private List<String> workflowIds() throws IOException {
    List<String> ids = new ArrayList<>();
    for (JsonNode each :
        new ObjectMapper().readTree(world.temporal("workflow", "list", "--output", "json"))) {
      ids.add(each.at("/execution/workflowId").asText());
    }
    return ids;
  }

  private static List<Path> filesOf(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
