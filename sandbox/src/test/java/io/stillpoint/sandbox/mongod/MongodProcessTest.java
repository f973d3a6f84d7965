package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program as an operating system process: signals, exit codes, the lock file, {@code --fork}.
 */
class MongodProcessTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path base;
  private final int port = TestServer.freePort();
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void killAll() {
    started.forEach(Process::destroyForcibly);
  }

  private Process run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ServerPrograms.simulated("4.4").mongod().toString());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(base.resolve("output").toFile())
            .start();
    started.add(process);
    return process;
  }

  private Process startAndAwait() throws IOException {
    Process process =
        run("--dbpath", base.resolve("db").toString(), "--port", "" + port, "--replSet", "rs0");
    await().atMost(LIMIT).ignoreExceptions().until(() -> send("{ping: 1}") != null);
    return process;
  }

  private BsonDocument send(String command) throws IOException {
    try (WireClient client = WireClient.connect("127.0.0.1", port, LIMIT)) {
      return client.run("test", BsonDocument.parse(command), LIMIT);
    }
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private void initiate() throws IOException {
    try (WireClient client = WireClient.connect("127.0.0.1", port, LIMIT)) {
      client.run("admin", TestServer.initiation(port), LIMIT);
    }
    await().atMost(LIMIT).until(() -> send("{isMaster: 1}").getBoolean("ismaster").getValue());
  }

  @Test
  void shouldLeaveEmptyLockFileAfterSigterm() throws Exception {
    Files.createDirectories(base.resolve("db"));
    Process process = startAndAwait();
    assertThat(base.resolve("db/mongod.lock")).hasContent("" + process.pid());
    process.destroy();
    assertThat(exitCode(process)).isZero();
    assertThat(base.resolve("db/mongod.lock")).isEmptyFile();
  }

  @Test
  void shouldKeepAcknowledgedDocumentsAfterSigkill() throws Exception {
    Files.createDirectories(base.resolve("db"));
    Process process = startAndAwait();
    initiate();
    send("{insert: 'c', documents: [{_id: 1}, {_id: 2}], writeConcern: {w: 'majority'}}");
    process.destroyForcibly();
    exitCode(process);
    assertThat(base.resolve("db/mongod.lock")).isNotEmptyFile();

    startAndAwait();
    await().atMost(LIMIT).until(() -> send("{isMaster: 1}").getBoolean("ismaster").getValue());
    assertThat(send("{find: 'c'}").getDocument("cursor").getArray("firstBatch")).hasSize(2);
    assertThat(base.resolve("output")).content().contains("\"id\": 22271,");
  }

  @Test
  void shouldEndByShutdownCommand() throws Exception {
    Files.createDirectories(base.resolve("db"));
    Process process = startAndAwait();
    try (WireClient client = WireClient.connect("127.0.0.1", port, LIMIT)) {
      client.send("admin", BsonDocument.parse("{shutdown: 1, force: true}"), LIMIT);
    } catch (IOException e) {
      // The connection may be closed before the reply is out, as on a real server.
      assertThat(e).isNotNull();
    }
    assertThat(exitCode(process)).isZero();
  }

  @Test
  void shouldReturnFromForkWhenChildListens() throws Exception {
    Files.createDirectories(base.resolve("db"));
    Path pidFile = base.resolve("pid");
    Process parent =
        run(
            "--fork",
            "--dbpath",
            base.resolve("db").toString(),
            "--port",
            "" + port,
            "--pidfilepath",
            pidFile.toString(),
            "--logpath",
            base.resolve("log").toString());
    assertThat(exitCode(parent)).isZero();
    assertThat(send("{ping: 1}").getNumber("ok").intValue()).isEqualTo(1);
    long pid = Long.parseLong(Files.readString(pidFile).strip());
    ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
    child.destroy();
    assertThat(child.onExit()).succeedsWithin(LIMIT);
  }

  @Test
  void shouldRefuseDirectoryThatIsMissingOrInUse() throws Exception {
    Process missing = run("--dbpath", base.resolve("nowhere").toString(), "--port", "" + port);
    assertThat(exitCode(missing)).isEqualTo(100);
    Files.createDirectories(base.resolve("db"));
    startAndAwait();
    Process second =
        run("--dbpath", base.resolve("db").toString(), "--port", "" + TestServer.freePort());
    assertThat(exitCode(second)).isEqualTo(100);
  }

  @Test
  void shouldTellItsVersionAndRefuseUnknownFlags() throws Exception {
    Process version = run("--version", "--simulate", "7.0");
    assertThat(exitCode(version)).isZero();
    assertThat(base.resolve("output")).content().contains("db version v7.0.14-8");
    assertThat(exitCode(run("--no-such-flag"))).isEqualTo(2);
  }
}
