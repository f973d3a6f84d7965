package io.stillpoint.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Tells which process of this host works on a data path. */
final class HostProcesses {

  private HostProcesses() {}

  /**
   * The live process that {@code mongod.lock} names, if it really works on this data path: a crash
   * leaves the file behind, and the kernel may have given the number to another process since.
   */
  static Optional<ProcessHandle> holder(Path dataPath, Optional<Path> configFile) {
    return lockedBy(dataPath)
        .flatMap(ProcessHandle::of)
        .filter(ProcessHandle::isAlive)
        .filter(process -> worksOn(process, dataPath, configFile));
  }

  /** Whether open files or arguments of the process name the data path. */
  static boolean worksOn(ProcessHandle process, Path dataPath, Optional<Path> configFile) {
    List<String> arguments = arguments(process);
    List<String> names =
        Stream.concat(
                Stream.of(dataPath, real(dataPath)).map(Path::toString),
                configFile.stream().map(Path::toString))
            .toList();
    return arguments.stream()
            .anyMatch(a -> names.contains(a) || names.contains(a.replaceFirst("^--\\w+=", "")))
        || hasOpen(process, real(dataPath).resolve("mongod.lock"));
  }

  /** The process's command line as far as this user may see it. */
  static List<String> arguments(ProcessHandle process) {
    try {
      byte[] raw = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
      return List.of(new String(raw, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return process.info().arguments().map(List::of).orElse(List.of());
    }
  }

  /** A server shut down cleanly leaves the file empty. */
  static boolean isLockFileEmpty(Path dataPath) {
    return lockedBy(dataPath).isEmpty();
  }

  /** Processes that were started with this option and value. */
  static List<ProcessHandle> withOption(String option, String value) {
    return ProcessHandle.allProcesses()
        .filter(
            process -> {
              List<String> arguments = arguments(process);
              int at = arguments.indexOf(option);
              return at >= 0 && at + 1 < arguments.size() && arguments.get(at + 1).equals(value);
            })
        .toList();
  }

  private static Optional<Long> lockedBy(Path dataPath) {
    try {
      String text = Files.readString(dataPath.resolve("mongod.lock")).strip();
      return text.matches("\\d{1,10}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw RestoreArea.unusable(dataPath.resolve("mongod.lock"), e);
    }
  }

  private static boolean hasOpen(ProcessHandle process, Path file) {
    Path descriptors = Path.of("/proc/" + process.pid() + "/fd");
    try (Stream<Path> open = Files.list(descriptors)) {
      return open.anyMatch(
          link -> {
            try {
              return Files.readSymbolicLink(link).equals(file);
            } catch (IOException e) {
              // Closed meanwhile.
              return false;
            }
          });
    } catch (IOException e) {
      // Another user's process: only its arguments can tell.
      return false;
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath();
    }
  }
}
