package io.stillpoint.cloud;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Mounts and unmounts with the agent's own commands, without a shell in between. */
final class Mounts {

  /** What a cloud's ids and our device names consist of. */
  private static final Pattern PLAIN = Pattern.compile("[-A-Za-z0-9._/]*");

  private static final Duration SLICE = Duration.ofSeconds(2);

  private final ContentSettings settings;

  Mounts(ContentSettings settings) {
    this.settings = settings;
  }

  /** Whatever was mounted there before is unmounted: it may be another restore's. */
  void mount(Path directory, String device, String volume, Runnable alive) {
    unmount(directory, alive);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw refused("directory %s cannot be made: %s".formatted(directory, e), e);
    }
    run(
        settings.mount(),
        Map.of(
            "{device}",
            device,
            "{volume}",
            volume,
            "{serial}",
            volume.replace("-", ""),
            "{directory}",
            directory.toString()),
        alive);
    if (!isMounted(directory)) {
      throw refused("the mount command succeeded, but nothing is mounted on " + directory, null);
    }
  }

  void unmount(Path directory, Runnable alive) {
    if (isMounted(directory)) {
      run(settings.unmount(), Map.of("{directory}", directory.toString()), alive);
      if (isMounted(directory)) {
        throw refused(
            "the unmount command succeeded, but %s is still mounted".formatted(directory), null);
      }
    }
  }

  /** What the configured command prints about the volume that is mounted there. */
  String identify(List<String> words, Path directory) {
    return run(words, Map.of("{directory}", directory.toString()), () -> {});
  }

  /** A mount is on another device than its parent; a link is what a simulated one looks like. */
  static boolean isMounted(Path directory) {
    if (Files.isSymbolicLink(directory)) {
      return true;
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      return !Files.getAttribute(directory, "unix:dev")
          .equals(Files.getAttribute(directory.toAbsolutePath().getParent(), "unix:dev"));
    } catch (IOException e) {
      throw refused("directory %s cannot be examined: %s".formatted(directory, e), e);
    }
  }

  private String run(List<String> words, Map<String, String> values, Runnable alive) {
    values.forEach(
        (name, value) -> {
          if (!name.equals("{directory}") && !PLAIN.matcher(value).matches()) {
            throw refused("'%s' is no plain name for a command".formatted(value), null);
          }
        });
    List<String> command = words.stream().map(word -> filled(word, values)).toList();
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      try {
        return awaitEnd(process, command, alive);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw refused("command %s cannot be run: %s".formatted(command, e.getMessage()), e);
    }
  }

  /** Commands that print more than a pipe holds are none that mount. */
  private String awaitEnd(Process process, List<String> command, Runnable alive)
      throws IOException {
    long deadline = System.nanoTime() + settings.limit().toNanos();
    try {
      while (!process.waitFor(SLICE.toMillis(), TimeUnit.MILLISECONDS)) {
        alive.run();
        if (System.nanoTime() > deadline) {
          throw refused(
              "command %s did not end within %d s".formatted(command, settings.limit().toSeconds()),
              null);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StillpointException(
          ErrorCode.PROVIDER_FAILED, "the agent stopped while %s ran".formatted(command), "", e);
    }
    String said =
        new String(process.getInputStream().readNBytes(2000), StandardCharsets.UTF_8).strip();
    if (process.exitValue() != 0) {
      throw refused(
          "command %s ended with %d: %s".formatted(command, process.exitValue(), said), null);
    }
    return said;
  }

  private static String filled(String word, Map<String, String> values) {
    String filled = word;
    for (Map.Entry<String, String> value : values.entrySet()) {
      filled = filled.replace(value.getKey(), value.getValue());
    }
    return filled;
  }

  private static StillpointException refused(String what, Exception cause) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        what,
        "correct the mount settings in the node agent's configuration; nothing was changed",
        cause);
  }
}
