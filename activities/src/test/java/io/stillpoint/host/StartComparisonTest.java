package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartComparisonTest {

  private static final String RUNNING =
      "mongod --dbpath=data --port 27117 --replSet rs0/h --logpath mongod.log";

  @TempDir private Path host;

  @BeforeEach
  void make() throws IOException {
    Files.createDirectory(host.resolve("data"));
    Files.writeString(host.resolve("mongod.log"), "");
  }

  @Test
  void shouldAcceptTheSameOptionsHoweverTheyAreWritten() throws IOException {
    Path file =
        Files.writeString(
            host.resolve("mongod.conf"),
            """
            storage: { dbPath: %1$s/data }
            net: { port: 27117 }
            replication: { replSetName: rs0 }
            systemLog: { destination: file, path: %1$s/mongod.log }
            """
                .formatted(host));

    assertThat(differences(RUNNING, own("--port 27117 --replSet rs0"), host("data", "mongod.log")))
        .isEmpty();
    assertThat(differences("mongod -f mongod.conf", service("--config " + file), List.of()))
        .isEmpty();
    assertThat(differences("mongod -f mongod.conf", own("--config " + file), List.of())).isEmpty();
  }

  @Test
  void shouldNameEachDifferenceThatMatters() {
    assertThat(
            differences(
                RUNNING + " --shardsvr --directoryperdb",
                own("--port 27018 --replSet rs1"),
                host("data", "other.log")))
        .satisfiesExactly(
            l -> assertThat(l).isEqualTo(line("port", "27117", "27018")),
            l -> assertThat(l).isEqualTo(line("replica set", "rs0", "rs1")),
            l -> assertThat(l).isEqualTo(line("cluster role", "shardsvr", "none")),
            l -> assertThat(l).startsWith("its storage options is").contains("directoryPerDB"),
            l ->
                assertThat(l)
                    .isEqualTo(line("log", host.resolve("mongod.log"), host.resolve("other.log"))));
  }

  @Test
  void shouldMissAConfigurationFileThatTheAgentWouldNotUse() throws IOException {
    Path file = Files.writeString(host.resolve("mongod.conf"), "net: { port: 27117 }");

    assertThat(differences("mongod -f mongod.conf", own("--port 27117"), List.of()))
        .containsExactly(line("configuration file", file, "none"));
  }

  /** Its paths mean nothing here, unless the agent's own do not either. */
  @Test
  void shouldNotComparePathsOfAContainer() {
    String inside = "mongod --dbpath /in/data --port 27117 --replSet rs0 --logpath /in/mongod.log";

    assertThat(differences(inside, own("--port 27117 --replSet rs0"), host("data", "mongod.log")))
        .isEmpty();
    assertThat(differences(inside, own("--port 27117 --replSet rs0"), host("data", "no.log")))
        .containsExactly(line("log", "/in/mongod.log", host.resolve("no.log")));
  }

  /** A service may be started by a command whose arguments the agent was not told. */
  @Test
  void shouldOnlyCompareTheLogOfAServiceWithoutArguments() {
    NodeSettings right = settings(List.of(), List.of("start"), Optional.of("mongod.log"));
    NodeSettings wrong = settings(List.of(), List.of("start"), Optional.of("other.log"));

    assertThat(new StartComparison(right).differences(running(RUNNING))).isEmpty();
    assertThat(new StartComparison(right).differences(running("mongod --port 1")))
        .as("its output may go there")
        .isEmpty();
    assertThat(new StartComparison(wrong).differences(running(RUNNING)))
        .containsExactly(line("log", host.resolve("mongod.log"), host.resolve("other.log")));
  }

  private static String line(String what, Object running, Object configured) {
    return "its %s is %s, the agent's configuration says %s".formatted(what, running, configured);
  }

  private List<String> differences(String running, NodeSettings settings, List<String> more) {
    List<String> arguments = new java.util.ArrayList<>(settings.arguments());
    arguments.addAll(more);
    NodeSettings all = settings(arguments, settings.startCommand(), Optional.empty());
    return new StartComparison(all).differences(running(running));
  }

  private MongodOptions running(String line) {
    return MongodOptions.ofRunning(List.of(line.split(" ")), host);
  }

  private List<String> host(String data, String log) {
    return List.of(
        "--dbpath", host.resolve(data).toString(), "--logpath", host.resolve(log).toString());
  }

  private NodeSettings own(String arguments) {
    return settings(List.of(arguments.split(" ")), List.of(), Optional.empty());
  }

  private NodeSettings service(String arguments) {
    return settings(List.of(arguments.split(" ")), List.of("start"), Optional.empty());
  }

  private NodeSettings settings(List<String> arguments, List<String> start, Optional<String> log) {
    return new NodeSettings(
        "h:1",
        host.resolve("data"),
        Path.of("/usr/bin/mongod"),
        Optional.empty(),
        arguments,
        start,
        List.of(),
        log.map(host::resolve),
        host,
        1);
  }
}
