package io.stillpoint.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.cli.CliContext;
import io.stillpoint.cli.StillpointCommand;
import io.stillpoint.client.StillpointClient;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The main job from end to end, as a user runs it: real processes, kill -9, a comparison of every
 * document. Runs on real servers with {@code -Dstillpoint.mongod=PATH -Dstillpoint.mongos=PATH}.
 */
class DemoE2eIT {

  @Test
  void shouldRestoreAShardedClusterExactlyAfterItsWorkerWasKilled() throws Exception {
    JsonNode report =
        demo(simulated() ? new String[] {"--auth", "--tls"} : new String[] {"--auth"});

    assertThat(report.path("result").asText()).isEqualTo("IDENTICAL");
    assertThat(report.path("documentsExpected").asLong()).isPositive();
    assertThat(report.path("documentsRestored").asLong())
        .isEqualTo(report.path("documentsExpected").asLong());
    assertThat(report.path("workerKilled").asText()).startsWith("control-");
    assertThat(report.path("cursorsAdopted").asInt()).isPositive();
    assertThat(report.path("consistentPoint").asText()).matches("\\d+,\\d+");
  }

  @Test
  void shouldRestoreAReplicaSetExactlyAfterItsWorkerWasKilled() throws Exception {
    JsonNode report = demo(simulating("8.0", "--replica-set", "--auth"));

    assertThat(report.path("result").asText()).isEqualTo("IDENTICAL");
    assertThat(report.path("cursorsAdopted").asInt()).isEqualTo(1);
    if (simulated()) {
      assertThat(report.path("server").asText()).startsWith("8.0");
    }
  }

  /** Real servers may have been built without TLS. */
  private static boolean simulated() {
    return System.getProperty("stillpoint.mongod", "").isEmpty();
  }

  /** The same on another version; real servers are the version that they are. */
  private static String[] simulating(String version, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (simulated()) {
      all.addAll(List.of("--simulate", version));
    }
    return all.toArray(String[]::new);
  }

  @Test
  @EnabledIfSystemProperty(
      named = "stillpoint.thorough",
      matches = "true",
      disabledReason = "a third demo is run with -Dstillpoint.thorough=true only")
  void shouldRestoreExactlyFromSnapshotsOfTheExampleProgram() throws Exception {
    JsonNode report = demo("--replica-set", "--type", "command");

    assertThat(report.path("result").asText()).isEqualTo("IDENTICAL");
    assertThat(report.path("documentsExpected").asLong()).isPositive();
  }

  private static JsonNode demo(String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("demo", "--output", "json"));
    arguments.addAll(List.of(more));
    addProgram(arguments, "mongod");
    addProgram(arguments, "mongos");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CliContext context =
        new CliContext(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err,
            new BufferedReader(new StringReader("")),
            0,
            false,
            StillpointClient::connect,
            List.of(new DemoProvider()));
    int exitCode = StillpointCommand.commandLine(context).execute(arguments.toArray(String[]::new));
    assertThat(exitCode).as("exit code; output: %s", out).isZero();
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    return new ObjectMapper().readTree(lines.get(lines.size() - 1));
  }

  private static void addProgram(List<String> arguments, String name) {
    String path = System.getProperty("stillpoint." + name, "");
    if (!path.isEmpty()) {
      arguments.addAll(List.of("--" + name, path));
    }
  }
}
