package io.stillpoint.host;

import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds what the agent knows of its member's start against the server that runs. After a restore
 * the member is started by the one; where that is not the other, it does not come back as it was,
 * or cannot be proven.
 */
final class StartComparison {

  private final NodeSettings settings;
  private final MongodOptions configured;

  StartComparison(NodeSettings settings) {
    this.settings = settings;
    this.configured = MongodOptions.of(settings);
  }

  /**
   * One line for each difference that matters; none if the process cannot be looked at, as that of
   * another container.
   */
  List<String> differences(ProcessHandle process) {
    return running(process).map(this::differences).orElse(List.of());
  }

  /** Where the process says that it logs to. */
  static Optional<Path> log(ProcessHandle process) {
    return running(process).flatMap(MongodOptions::logPath);
  }

  private static Optional<MongodOptions> running(ProcessHandle process) {
    List<String> words = HostProcesses.arguments(process);
    try {
      Path directory = Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd"));
      // Less than two words are those of a process that is ending.
      return words.size() < 2
          ? Optional.empty()
          : Optional.of(MongodOptions.ofRunning(words, directory));
    } catch (IOException | StillpointException e) {
      // Gone, another user's, or with a configuration file that this host does not have.
      return Optional.empty();
    }
  }

  List<String> differences(MongodOptions running) {
    List<String> lines = new ArrayList<>();
    boolean startsItself = settings.startCommand().isEmpty();
    if (startsItself || !configured.isEmpty()) {
      differ(lines, "port", running.port(), configured.port());
      differ(lines, "replica set", running.replicaSet(), configured.replicaSet());
      differ(lines, "cluster role", running.role(), configured.role());
      differ(
          lines,
          "storage options",
          running.storageOptions().toJson(),
          configured.storageOptions().toJson());
      if (startsItself) {
        differPaths(lines, "data path", running.dbPath(), configured.dbPath());
      }
    }
    if (startsItself || configured.configFile().isPresent()) {
      differPaths(lines, "configuration file", running.configFile(), configured.configFile());
    }
    // A server without one may be a service whose output goes into the configured file.
    if (running.logPath().isPresent() || configured.logPath().filter(Files::exists).isEmpty()) {
      differPaths(lines, "log", running.logPath(), configured.logPath());
    }
    return lines;
  }

  private static void differ(List<String> lines, String what, Object running, Object configured) {
    if (!running.equals(configured)) {
      lines.add(line(what, named(running), named(configured)));
    }
  }

  /**
   * A path that this host does not have, of a server whose configured one is there, is that of a
   * container, and proves nothing.
   */
  private static void differPaths(
      List<String> lines, String what, Optional<Path> running, Optional<Path> configured) {
    boolean elsewhere =
        running.filter(Files::exists).isEmpty()
            && running.isPresent()
            && configured.filter(Files::exists).isPresent();
    if (!running.equals(configured) && !elsewhere && !isSame(running, configured)) {
      lines.add(
          line(
              what,
              named(running.map(Path::toString).orElse("")),
              named(configured.map(Path::toString).orElse(""))));
    }
  }

  private static boolean isSame(Optional<Path> a, Optional<Path> b) {
    try {
      return a.isPresent()
          && b.isPresent()
          && (a.get().toAbsolutePath().normalize().equals(b.get().toAbsolutePath().normalize())
              || Files.exists(a.get())
                  && Files.exists(b.get())
                  && Files.isSameFile(a.get(), b.get()));
    } catch (IOException e) {
      return false;
    }
  }

  private static String line(String what, String running, String configured) {
    return "its %s is %s, the agent's configuration says %s".formatted(what, running, configured);
  }

  private static String named(Object value) {
    return value.toString().isEmpty() ? "none" : value.toString();
  }
}
