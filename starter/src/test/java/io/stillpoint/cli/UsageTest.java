package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.cli.CommandRunner.Run;
import io.stillpoint.client.StillpointClient;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class UsageTest {
  private static Run run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CliContext context =
        new CliContext(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new BufferedReader(new StringReader("")),
            0,
            false,
            StillpointClient::connect,
            List.of());
    int exitCode = StillpointCommand.commandLine(context).execute(args);
    return new Run(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static List<String> commands() {
    List<String> names = new ArrayList<>();
    add(names, "", StillpointCommand.commandLine(CliContext.ofProcess()));
    return names;
  }

  /** Those below others too, as in "schedule create". */
  private static void add(List<String> names, String prefix, CommandLine command) {
    command
        .getSubcommands()
        .forEach(
            (name, below) -> {
              names.add(prefix + name);
              add(names, prefix + name + " ", below);
            });
  }

  @Test
  void shouldPrintSameHelpAsRecorded() throws IOException {
    Path golden = Path.of("src/test/resources/help.txt");
    String help = run("--help").out();
    if (Boolean.getBoolean("stillpoint.golden.write")) {
      Files.writeString(golden, help);
    }

    assertThat(help).isEqualTo(Files.readString(golden));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void shouldShowExampleInEveryHelp(String command) {
    Run run = run((command + " --help").split(" "));

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Usage: stillpoint " + command, "EXAMPLES", "  stillpoint ");
    assertThat(run.out().lines()).allSatisfy(l -> assertThat(l.length()).isLessThanOrEqualTo(100));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "backup",
        "backup --cluster shop --type tape",
        "backup --cluster shop --copy-deadline soon",
        "backup --cluster shop --copy-deadline 0h",
        "list --limit many",
        "restore",
        "nonsense",
        "list --nonsense",
        "errors NO_SUCH_CODE"
      })
  void shouldExitWithTwoOnWrongUsage(String line) {
    Run run = run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("error [BAD_INPUT]: ").contains("HINT: stillpoint");
  }

  @Test
  void shouldWriteUsageErrorAsJson() throws IOException {
    Run run = run("list", "--nonsense", "--output", "json");

    assertThat(new ObjectMapper().readTree(run.err()).get("error").get("code").asText())
        .isEqualTo("BAD_INPUT");
  }

  @Test
  void shouldSayThatTemporalDoesNotAnswer() throws IOException {
    int unused;
    try (ServerSocket socket = new ServerSocket(0)) {
      unused = socket.getLocalPort();
    }

    Run run = run("list", "--temporal", "127.0.0.1:" + unused);

    assertThat(run.exitCode()).isEqualTo(20);
    assertThat(run.err())
        .contains("error [TEMPORAL_UNREACHABLE]", "127.0.0.1:" + unused, "HINT: start it");
  }

  @Test
  void shouldGiveUpOnServerThatAcceptsButNeverAnswers() throws IOException {
    try (ServerSocket silent = new ServerSocket(0)) {
      Run run = run("list", "--temporal", "127.0.0.1:" + silent.getLocalPort());

      assertThat(run.exitCode()).isEqualTo(20);
    }
  }

  @Test
  void shouldSayThatTheHostIsUnknownWithoutATrace() {
    Run run = run("list", "--temporal", "no-such-host.invalid:7233");

    assertThat(run.exitCode()).isEqualTo(20);
    assertThat(run.err())
        .startsWith("error [TEMPORAL_UNREACHABLE]: temporal's address no-such-host.invalid:7233")
        .contains("HINT: correct --temporal")
        .doesNotContain("\tat ");
  }

  @Test
  void shouldNotListEveryCodeWhenOneIsUnknown() {
    assertThat(run("errors", "NOPE").err())
        .isEqualToNormalizingNewlines(
            """
            error [BAD_INPUT]: there is no error code 'NOPE'
            HINT: stillpoint errors lists them
            """);
    assertThat(run("errors", "cursor_lost").out()).startsWith("CURSOR_LOST ");
  }

  @Test
  void shouldExplainErrorCode() {
    Run run = run("errors", "CURSOR_LOST");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("CURSOR_LOST (exit status 1)").contains("backup cursor died");
  }

  @Test
  void shouldPrintVersion() {
    assertThat(run("version").out()).matches("stillpoint \\d+\\.\\d+\\.\\S+ \\(java .+\\)\\R");
  }
}
