package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.codec.CodecServer;
import io.stillpoint.codec.CodecServerOptions;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.payload.PayloadKeys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Temporal stores of an encrypted backup, and who can read it. */
@Tag("temporal-server")
class PayloadEncryptionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String OLD = "old:" + key((byte) 1);
  private static final String NEW = "new:" + key((byte) 2);
  private static final String WRONG = "old:" + key((byte) 3);

  @TempDir Path directory;
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private TemporalWorld world;

  private static String key(byte fill) {
    byte[] bytes = new byte[32];
    java.util.Arrays.fill(bytes, fill);
    return Base64.getEncoder().encodeToString(bytes);
  }

  @BeforeEach
  void start() {
    world = TemporalWorld.encrypted(directory, OLD);
    world.startWorker();
  }

  @AfterEach
  void stop() {
    if (world != null) {
      world.close();
    }
  }

  @Test
  void shouldStoreNothingReadableAndShowItThroughTheCodecServer() throws IOException {
    String host = world.cluster().uri().replaceAll("^mongodb://([^/,]+).*", "$1");
    backUp("plain-name");
    assertThatThrownBy(
            () ->
                world
                    .client()
                    .startBackup(BackupRequest.of("nowhere", "failed", SnapshotType.MANUAL))
                    .await(PATIENCE))
        .hasMessageContaining("nowhere");

    List<String> texts = new ArrayList<>();
    for (String id : List.of("backup/plain-name", "backup/failed", "lock/shop")) {
      texts(history(id), texts);
      texts(new ObjectMapper().readTree(show("describe", id)), texts);
    }
    assertThat(texts)
        .hasSizeGreaterThan(50)
        .noneMatch(t -> t.contains(host))
        .noneMatch(t -> t.contains("shop"))
        .noneMatch(t -> t.contains("nowhere"))
        .noneMatch(t -> t.contains(directory.toString()));

    try (CodecServer codec = codecServer(OLD)) {
      String[] decoded = {"--codec-endpoint", codec.endpoint()};
      List<String> shown = new ArrayList<>();
      texts(history("backup/plain-name", decoded), shown);
      texts(history("backup/failed", decoded), shown);
      assertThat(shown)
          .anyMatch(t -> t.contains(host))
          .anyMatch(t -> t.contains("backup of shop"))
          .anyMatch(t -> t.contains("open the cursor of rs0"))
          .anyMatch(t -> t.contains("cluster 'nowhere' is not in this worker's configuration"));
    }
    try (CodecServer codec = codecServer(WRONG)) {
      assertThat(show("show", "backup/plain-name", "--codec-endpoint", codec.endpoint()))
          .doesNotContain(host);
    }
    assertThat(warnings).anyMatch(w -> w.contains("does not decrypt with the key 'old'"));
  }

  @Test
  void shouldGoOnWithANewKeyAndWaitForTheRightOne() {
    world.client().startBackup(BackupRequest.of("shop", "rotated", SnapshotType.MANUAL));
    world.awaitPhase("rotated", BackupPhase.COPYING);

    // A worker without the key must not harm the backup, only say what it lacks.
    world.stopWorkers();
    world.startWorkerWithKeys(WRONG);
    world.temporal(
        "workflow", "signal", "--workflow-id", "backup/rotated", "--name", "copyFinished");
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                show("describe", "backup/rotated").contains("does not decrypt with the key 'old'"));

    world.stopWorkers();
    world.startWorkerWithKeys(NEW + "," + OLD);
    try (StillpointClient client = world.newClient(NEW + "," + OLD);
        StillpointClient old = world.newClient(OLD)) {
      assertThat(client.backup("rotated").await(PATIENCE).orElseThrow().attempts()).isEqualTo(1);
      assertThatThrownBy(() -> old.backup("rotated").await(PATIENCE))
          .hasMessageContaining("encrypted with key 'new', but here is only [old]")
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.PAYLOAD_KEY_MISSING));
    }
  }

  private void backUp(String name) {
    world.client().startBackup(BackupRequest.of("shop", name, SnapshotType.MANUAL));
    world.awaitPhase(name, BackupPhase.COPYING);
    world.client().backup(name).finishCopy(new CopyFinished(Optional.empty(), List.of("mine")));
    assertThat(world.client().backup(name).await(PATIENCE)).isPresent();
    assertThat(world.client().manifest(name).sets()).hasSize(1);
  }

  private CodecServer codecServer(String keys) {
    return CodecServer.start(
        new CodecServerOptions(new InetSocketAddress("127.0.0.1", 0), Set.of(), Optional.empty()),
        PayloadKeys.fromEnvironment(Map.of(PayloadKeys.KEYS_VARIABLE, keys)),
        warnings::add);
  }

  private String show(String command, String id, String... more) {
    List<String> arguments = new ArrayList<>(List.of("workflow", command, "--workflow-id", id));
    arguments.addAll(List.of("--output", "json"));
    arguments.addAll(List.of(more));
    return world.temporal(arguments.toArray(String[]::new));
  }

  private JsonNode history(String id, String... more) throws IOException {
    return new ObjectMapper().readTree(show("show", id, more));
  }

  /** Payloads, and whatever Temporal may quote from one; the names of things are not hidden. */
  private static void texts(JsonNode node, List<String> into) {
    node.properties()
        .forEach(
            field -> {
              String text = field.getValue().asText();
              if (field.getKey().equals("data")) {
                into.add(new String(Base64.getDecoder().decode(text), StandardCharsets.ISO_8859_1));
              } else if (Set.of("message", "stackTrace", "userMetadata", "input", "result", "memo")
                  .contains(field.getKey())) {
                into.add(field.getValue().toString());
              }
            });
    node.forEach(child -> texts(child, into));
  }
}
