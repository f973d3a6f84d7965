package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.codec.CodecServer;
import io.stillpoint.codec.CodecServerOptions;
import io.stillpoint.payload.PayloadKeys;
import io.stillpoint.sandbox.auth.SelfSigned;
import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.ec2.FakeEc2;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/**
 * Every secret that a worker can be given is given to one; then whatever it, Temporal and the
 * command line wrote is searched for all of them.
 */
@Tag("temporal-server")
class SecretsTest {
  private static final String API_KEY = "api-key-5a1f0c93";
  private static final String HTTP_TOKEN = "http-token-77c04e1b";
  private static final String HOOK_SECRET = "hook-secret-31d9aa02";
  private static final String HOOK_TOKEN = "hook-token-e8b26f54";
  private static final String CLOUD_KEY = "cloud-key-id-9be3";
  private static final String CLOUD_SECRET = "cloud-secret-6f7d10c8";
  private static final String WRONG_PASSWORD = "wrong-password-04ce";
  private static final String PAYLOAD_KEY =
      Base64.getEncoder().encodeToString("payload-key-0123456789abcdefghij".getBytes());

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Map<String, String> secrets = new LinkedHashMap<>();
  private final Map<String, String> written = new LinkedHashMap<>();
  private final List<String> notices = new CopyOnWriteArrayList<>();

  @TempDir Path directory;
  private TemporalWorld world;
  private TemporalGate gate;
  private FakeEc2 cloud;
  private HttpServer hook;
  private Map<String, String> access;
  private Level before;

  @BeforeEach
  void listen() {
    before = root.getLevel();
    root.setLevel(Level.INFO);
    log.start();
    root.addAppender(log);
    // The cloud's library looks here before it looks into the process's environment.
    System.setProperty("aws.accessKeyId", CLOUD_KEY);
    System.setProperty("aws.secretAccessKey", CLOUD_SECRET);
  }

  @AfterEach
  void stop() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    root.detachAppender(log);
    root.setLevel(before);
    if (gate != null) {
      gate.close();
    }
    if (world != null) {
      world.close();
    }
    if (cloud != null) {
      cloud.close();
    }
    if (hook != null) {
      hook.stop(0);
    }
  }

  /** Encrypted payloads hide all that is in them, so the same is looked for in plain ones. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldKeepEverySecretOutOfAllThatIsWritten(boolean encrypted) throws Exception {
    start(encrypted);

    world.startBackup("backup/good", input("shop", "good", "manual"));
    world.awaitPhase("good", BackupPhase.COPYING);
    command("backup-finish", "good");
    command("watch", "good");
    for (List<String> bad :
        List.of(
            List.of("locked", "no-login", "manual"),
            List.of("shop", "no-volume", "ebs"),
            List.of("nowhere", "no-cluster", "manual"))) {
      world.startBackup("backup/" + bad.get(1), input(bad.get(0), bad.get(1), bad.get(2)));
      command("watch", bad.get(1));
      command("describe-backup", bad.get(1));
    }
    command("check", "--cluster", "locked");
    if (!encrypted) {
      // The failure of a database that is gone quotes addresses, and must quote no more.
      world.cluster().stopAll();
      world.startBackup("backup/gone", input("shop", "gone", "manual"));
      command("watch", "gone");
      assertThat(written.get("watch gone")).contains("MONGO_UNREACHABLE");
    }
    Map<String, String> refused = new HashMap<>(access);
    refused.put("TEMPORAL_NAMESPACE", "nowhere");
    written.put("a refused command", CommandLine.run(refused, "list").output());
    collect(encrypted);

    // What is searched holds what is there to be found: the failures, and the address in them.
    assertThat(written.get("watch good")).contains("COMPLETED");
    assertThat(written.get("watch no-login")).contains("MONGO_NOT_AUTHORIZED");
    assertThat(written.get("watch no-volume")).contains("error [");
    assertThat(written.get("history of backup/good"))
        .contains(world.cluster().members().get(0).address());
    assertThat(written.get("temporal.db")).contains("backup/good");
    assertThat(notices).contains("Bearer " + HOOK_TOKEN);
    assertThat(secrets).hasSize(encrypted ? 10 : 9);
    written.forEach(
        (where, text) ->
            secrets.forEach(
                (name, secret) ->
                    assertThat(text.contains(secret)).as("%s in %s", name, where).isFalse()));
  }

  private void start(boolean encrypted) throws Exception {
    String keys = encrypted ? "k1:" + PAYLOAD_KEY : "";
    world = TemporalWorld.guarded(directory, keys);
    world.client().registerSearchAttributes();
    SelfSigned server = SelfSigned.create(directory, "server");
    SelfSigned client = SelfSigned.create(directory, "client");
    gate = TemporalGate.start(world.server().address(), server, client, API_KEY, Set.of());
    access =
        Map.of(
            "TEMPORAL_ADDRESS",
            gate.address(),
            "TEMPORAL_API_KEY",
            API_KEY,
            "TEMPORAL_TLS_CLIENT_CERT_PATH",
            client.certificate().toString(),
            "TEMPORAL_TLS_CLIENT_KEY_PATH",
            client.key().toString(),
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
            server.certificate().toString(),
            PayloadKeys.KEYS_VARIABLE,
            keys);
    cloud =
        new FakeEc2(
            new VolumeDirectories(directory.resolve("cloud")),
            InstantSource.system(),
            CloudTiming.INSTANT);
    hook = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    hook.createContext("/hook", this::refuseNotice);
    hook.start();
    secrets.put("API key", API_KEY);
    secrets.put("password", world.cluster().users().orElseThrow().password());
    secrets.put("wrong password", WRONG_PASSWORD);
    secrets.put("key file", keyFile());
    secrets.put("HTTP token", HTTP_TOKEN);
    secrets.put("webhook's secret", HOOK_SECRET);
    secrets.put("webhook's token", HOOK_TOKEN);
    secrets.put("cloud's secret key", CLOUD_SECRET);
    secrets.put("private key", Files.readAllLines(client.key()).get(1));
    if (encrypted) {
      secrets.put("payload key", PAYLOAD_KEY);
    }
    world.startWorker(access, sections());
  }

  private void refuseNotice(HttpExchange call) throws IOException {
    notices.add(String.valueOf(call.getRequestHeaders().getFirst("Authorization")));
    call.getRequestBody().readAllBytes();
    call.sendResponseHeaders(403, -1);
    call.close();
  }

  private String keyFile() throws IOException {
    for (Path file : filesOf(directory.resolve("mongo"))) {
      if (file.getFileName().toString().equals("keyfile")) {
        return Files.readString(file);
      }
    }
    throw new IllegalStateException("the cluster has no key file");
  }

  private String sections() throws IOException {
    // By another name of the host: one address under two clusters is refused.
    String member = world.cluster().members().get(0).address().replace("127.0.0.1", "localhost");
    return String.join(
        "\n",
        "    locked: { uri: \"mongodb://stillpoint:%s@%s/?authSource=admin\" }"
            .formatted(WRONG_PASSWORD, member),
        "  http: { token-file: \"%s\" }".formatted(file("http", HTTP_TOKEN)),
        "  notifications:",
        "    ops:",
        "      url: \"http://127.0.0.1:%d/hook\"".formatted(hook.getAddress().getPort()),
        "      secret-file: \"%s\"".formatted(file("secret", HOOK_SECRET)),
        "      token-file: \"%s\"".formatted(file("token", HOOK_TOKEN)),
        "  ebs:",
        "    endpoint: \"%s\"".formatted(cloud.endpoint()),
        "    region: sim-1",
        "    volumes:",
        "      - { member: \"%s\", instance: i-0, volume: vol-0, zone: sim-1a }".formatted(member),
        "");
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private static String input(String cluster, String backup, String type) {
    return "{\"cluster\":\"%s\",\"backup\":\"%s\",\"type\":\"%s\"}"
        .formatted(cluster, backup, type);
  }

  private void command(String... arguments) {
    written.put(String.join(" ", arguments), CommandLine.run(access, arguments).output());
  }

  private void collect(boolean encrypted) throws IOException {
    try (CodecServer codec =
        CodecServer.start(
            new CodecServerOptions(
                new InetSocketAddress("127.0.0.1", 0), Set.of(), Optional.empty()),
            PayloadKeys.fromEnvironment(Map.of(PayloadKeys.KEYS_VARIABLE, "k1:" + PAYLOAD_KEY)),
            warning -> written.merge("codec server", warning, String::concat))) {
      for (String id : workflowIds()) {
        List<String> show = new ArrayList<>(List.of("workflow", "show", "--workflow-id", id));
        show.addAll(List.of("--output", "json"));
        if (encrypted) {
          show.addAll(List.of("--codec-endpoint", codec.endpoint()));
        }
        String history = world.temporal(show.toArray(String[]::new));
        StringBuilder readable = new StringBuilder(history);
        payloads(new ObjectMapper().readTree(history), readable);
        written.put("history of " + id, readable.toString());
        written.put(
            "description of " + id, world.temporal("workflow", "describe", "--workflow-id", id));
      }
    }
    for (Path file : filesOf(world.catalog())) {
      written.put(file.toString(), Files.readString(file));
    }
    written.put(
        "temporal.db",
        Files.readString(directory.resolve("temporal.db"), StandardCharsets.ISO_8859_1));
    StringBuilder lines = new StringBuilder();
    for (ILoggingEvent event : List.copyOf(log.list)) {
      lines.append(event.getFormattedMessage()).append('\n');
      if (event.getThrowableProxy() != null) {
        lines.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
    }
    written.put("log", lines.toString());
  }

  private static void payloads(JsonNode node, StringBuilder into) {
    if (node.path("data").isTextual()) {
      byte[] data = Base64.getDecoder().decode(node.path("data").asText());
      into.append('\n').append(new String(data, StandardCharsets.UTF_8));
    }
    node.forEach(child -> payloads(child, into));
  }

  private List<String> workflowIds() throws IOException {
    List<String> ids = new ArrayList<>();
    for (JsonNode each :
        new ObjectMapper().readTree(world.temporal("workflow", "list", "--output", "json"))) {
      ids.add(each.at("/execution/workflowId").asText());
    }
    assertThat(ids).contains("backup/good", "backup/no-login");
    return ids;
  }

  private static List<Path> filesOf(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
