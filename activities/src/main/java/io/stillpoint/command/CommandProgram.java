package io.stillpoint.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Runs the configured program: no shell, the verb as its last argument, the call as JSON on its
 * standard input and as STILLPOINT_ variables, the answer as JSON from its standard output. Exit
 * code 0 means done, 75 try again later, 77 not permitted, 78 this volume cannot be used; any other
 * one is final. When it takes too long, or is no longer wanted, it is killed with all its children.
 */
final class CommandProgram {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final int MOST_OUTPUT = 1 << 20;
  private static final int MOST_MESSAGE = 2000;
  private static final long BEAT_MILLIS = 200;
  private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG", "TZ");

  private final CommandSettings settings;

  CommandProgram(CommandSettings settings) {
    this.settings = settings;
  }

  /**
   * @param alive called several times a second; may throw to stop the program
   */
  CommandAnswer run(CommandCall call, Duration limit, Runnable alive) {
    List<String> command = new ArrayList<>(settings.program());
    command.add(call.verb());
    Path directory = null;
    try {
      directory = Files.createTempDirectory("stillpoint-command");
      Path in = Files.writeString(directory.resolve("in"), JSON.writeValueAsString(call.fields()));
      Path out = directory.resolve("out");
      Path err = directory.resolve("err");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      environment(builder.environment(), call);
      Process process = builder.start();
      boolean ended = await(process, limit, alive);
      String message = text(err, MOST_MESSAGE).strip();
      if (!ended) {
        throw failure(
            ErrorCode.PROVIDER_FAILED,
            call,
            "did not end in %d s and was killed".formatted(limit.toSeconds()),
            message);
      }
      check(process.exitValue(), call, message);
      return answer(call, out);
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FAILED,
          "program %s cannot be run: %s".formatted(settings.program(), e.getMessage()),
          "correct stillpoint.node.command in the node agent's configuration",
          e);
    } finally {
      delete(directory);
    }
  }

  /** Nothing of the agent's own environment but what every program needs: it may hold secrets. */
  private void environment(Map<String, String> environment, CommandCall call) {
    Map<String, String> kept = new TreeMap<>(environment);
    kept.keySet().retainAll(INHERITED);
    environment.clear();
    environment.putAll(kept);
    environment.putAll(settings.environment());
    environment.putAll(call.variables());
  }

  private static boolean await(Process process, Duration limit, Runnable alive) {
    long deadline = System.nanoTime() + limit.toNanos();
    boolean ended = false;
    try {
      while (!ended && System.nanoTime() < deadline) {
        ended = process.waitFor(BEAT_MILLIS, TimeUnit.MILLISECONDS);
        alive.run();
      }
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StillpointException(
          ErrorCode.PROVIDER_FAILED, "the agent stops, so its program was killed", "", e);
    } finally {
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }

  private void check(int exit, CommandCall call, String message) {
    String how = "ended with exit code " + exit;
    switch (exit) {
      case 0 -> {}
      case 75 -> throw failure(ErrorCode.PROVIDER_FAILED, call, how, message);
      case 77 -> throw failure(ErrorCode.PROVIDER_DENIED, call, how, message);
      case 78 -> throw failure(ErrorCode.VOLUME_UNSUITABLE, call, how, message);
      default -> throw failure(ErrorCode.SNAPSHOT_FAILED, call, how, message);
    }
  }

  private CommandAnswer answer(CommandCall call, Path out) throws IOException {
    if (Files.size(out) > MOST_OUTPUT) {
      throw failure(
          ErrorCode.SNAPSHOT_FAILED,
          call,
          "answered %d bytes, more than %d".formatted(Files.size(out), MOST_OUTPUT),
          "");
    }
    String answer = text(out, MOST_OUTPUT);
    try {
      return JSON.readValue(answer.isBlank() ? "{}" : answer, CommandAnswer.class);
    } catch (JsonProcessingException e) {
      throw failure(
          ErrorCode.SNAPSHOT_FAILED, call, "answered what is not the JSON of this verb", answer);
    }
  }

  StillpointException failure(ErrorCode code, CommandCall call, String how, String message) {
    String told = message.length() > 300 ? message.substring(0, 300) + "..." : message;
    return new StillpointException(
        code,
        "program %s, asked to %s, %s%s"
            .formatted(settings.program(), call.verb(), how, told.isEmpty() ? "" : ": " + told),
        "run it by hand on the host of %s as the node agent's user; see docs/command-provider.md"
            .formatted(call.member()));
  }

  private static String text(Path file, int most) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(most), StandardCharsets.UTF_8);
    }
  }

  private static void delete(Path directory) {
    if (directory == null) {
      return;
    }
    for (String name : List.of("in", "out", "err")) {
      directory.resolve(name).toFile().delete();
    }
    directory.toFile().delete();
  }
}
