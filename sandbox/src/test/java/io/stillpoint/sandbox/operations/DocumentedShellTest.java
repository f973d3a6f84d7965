package io.stillpoint.sandbox.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.backup.BackupRequest;
import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the shell blocks of README and guides, page by page in their order, against a Temporal
 * server, a simulated cluster and a worker. A block that is not run says why.
 */
@Tag("temporal-server")
class DocumentedShellTest {
  private static final Duration PATIENCE = Duration.ofSeconds(600);

  /** The backup that the pages speak of. */
  private static final String BACKUP = "shop-20261122T101500Z";

  @TempDir static Path directory;
  private static DevServer server;
  private static OneMachine machine;

  static Stream<Path> pagesThatAreRun() throws IOException {
    return ShellBlock.all().stream().filter(ShellBlock::isRun).map(ShellBlock::page).distinct();
  }

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> temporal = DevServer.installed();
    if (temporal.isEmpty()) {
      return;
    }
    server = DevServer.start(temporal.get(), directory, false);
    machine = new OneMachine(directory, server.address(), Map.of());
    try (StillpointClient client =
        StillpointClient.connect(
            new ConnectionOptions(Optional.of(server.address()), Optional.empty(), Map.of()))) {
      var backup = client.startBackup(BackupRequest.of("shop", BACKUP, SnapshotType.DIRECTORY));
      assertThat(backup.await(PATIENCE)).isPresent();
    }
    install("stillpoint", program());
    install("temporal", "exec '%s' \"$@\"\n".formatted(temporal.get()));
  }

  @AfterAll
  static void stop() {
    if (machine != null) {
      machine.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void shouldSayOfEveryShellBlockWhetherItIsRun() throws IOException {
    List<ShellBlock> shell = ShellBlock.all().stream().filter(ShellBlock::isShell).toList();

    assertThat(shell).isNotEmpty();
    assertThat(shell).allMatch(b -> !b.language().isEmpty(), "names its language");
    assertThat(shell).allMatch(b -> b.isRun() || b.hasReasonNotToRun(), "is run, or says why not");
  }

  @ParameterizedTest
  @MethodSource("pagesThatAreRun")
  void shouldRunAsWritten(Path page) throws Exception {
    Assumptions.assumeTrue(
        server != null, "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    StringBuilder script = new StringBuilder("set -euo pipefail\n");
    for (ShellBlock block : ShellBlock.all()) {
      if (block.page().equals(page) && block.isRun()) {
        script.append(block.script());
      }
    }
    Path file = Files.writeString(directory.resolve("page.sh"), here(script.toString()));
    Path output = directory.resolve("page.out");
    // Where a command asks which cluster it may restore, the answer is typed.
    ProcessBuilder bash =
        new ProcessBuilder("bash", "-c", "bash \"$1\" < <(yes shop)", "bash", file.toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    bash.environment().put("TEMPORAL_ADDRESS", server.address());
    bash.environment().compute("PATH", (name, path) -> directory + ":" + path);

    Process process = bash.start();
    boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }

    assertThat(ended).as("end of:%n%s", Files.readString(output)).isTrue();
    assertThat(process.exitValue()).as("exit status of:%n%s", Files.readString(output)).isZero();
  }

  /** What the examples call otherwise than it is here. */
  private static String here(String script) {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("temporal.example:7233", server.address());
    names.put("TEMPORAL_NAMESPACE=backups", "TEMPORAL_NAMESPACE=default");
    String text = script;
    for (Map.Entry<String, String> name : names.entrySet()) {
      text = text.replace(name.getKey(), name.getValue());
    }
    return text;
  }

  /** The launcher would build first; the command line is on this test's class path already. */
  private static String program() {
    return """
    exec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Dstillpoint.stdin.terminal=true \\
      -Dstillpoint.stderr.columns=0 -cp '%s' io.stillpoint.cli.Main "$@"
    """
        .formatted(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            System.getProperty("java.class.path"));
  }

  private static void install(String name, String script) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
