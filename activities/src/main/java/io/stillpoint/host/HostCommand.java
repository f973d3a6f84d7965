package io.stillpoint.host;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that the agent's configuration names. */
final class HostCommand {

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private HostCommand() {}

  /**
   * Runs a configured command to its end.
   *
   * @param code what its failure means
   */
  static void run(List<String> command, ErrorCode code, Runnable beat) {
    Path output = null;
    try {
      output = Files.createTempFile("stillpoint-command", ".out");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      process.getOutputStream().close();
      boolean ended = Waiting.until(PATIENCE, beat, () -> !process.isAlive());
      if (!ended) {
        process.destroyForcibly();
      }
      if (!ended || process.exitValue() != 0) {
        throw new StillpointException(
            code,
            "command %s %s: %s"
                .formatted(
                    String.join(" ", command),
                    ended
                        ? "ended with exit code " + process.exitValue()
                        : "did not end in %d s".formatted(PATIENCE.toSeconds()),
                    tail(output)),
            "run it by hand on this host as the node agent's user and correct it there");
      }
    } catch (IOException e) {
      throw new StillpointException(
          code,
          "command %s cannot be run: %s".formatted(String.join(" ", command), e.getMessage()),
          "correct it in the node agent's configuration",
          e);
    } finally {
      deleteQuietly(output);
    }
  }

  /**
   * Starts a program that goes on when the agent ends: in a session of its own where this host has
   * setsid, so that no signal meant for the agent's terminal reaches it.
   *
   * @param output what it prints is appended to this file
   */
  static Process launch(List<String> command, Path output) throws IOException {
    List<String> words = new ArrayList<>();
    if (onPath("setsid")) {
      words.add("setsid");
    }
    words.addAll(command);
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    process.getOutputStream().close();
    return process;
  }

  /** What a program prints when asked for its version. */
  static String outputOf(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    return output;
  }

  private static boolean onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .filter(directory -> !directory.isEmpty())
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static String tail(Path output) throws IOException {
    byte[] bytes = Files.readAllBytes(output);
    int from = Math.max(0, bytes.length - 1000);
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8).strip();
  }

  private static void deleteQuietly(Path file) {
    if (file != null && !file.toFile().delete()) {
      file.toFile().deleteOnExit();
    }
  }
}
