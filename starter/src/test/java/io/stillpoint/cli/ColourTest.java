package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The environment decides, so each case is a process of its own. */
class ColourTest {
  private static final String ESCAPE = "\u001b";

  @Test
  void shouldObeyNoColorEvenWhereColourIsForced() throws Exception {
    assertThat(help(Map.of("CLICOLOR_FORCE", "1"))).contains(ESCAPE + "[");
    assertThat(help(Map.of("CLICOLOR_FORCE", "1", "NO_COLOR", "1")))
        .contains("Usage: stillpoint")
        .doesNotContain(ESCAPE);
  }

  private static String help(Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--help")
            .redirectErrorStream(true);
    command.environment().remove("NO_COLOR");
    command.environment().putAll(environment);
    Process process = command.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
