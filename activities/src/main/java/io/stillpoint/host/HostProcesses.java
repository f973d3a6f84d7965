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
   * leaves the file behind, and the kernel may have given the number to another process since. A
   * server writes its number only when its storage is open; see {@link #workingOn}.
   */
  static Optional<ProcessHandle> holder(Path dataPath, Optional<Path> configFile) {
    return lockedBy(dataPath)
        .flatMap(ProcessHandle::of)
        .filter(ProcessHandle::isAlive)
        .filter(process -> worksOn(process, dataPath, configFile));
  }

  /**
   * Every live process that works on the data path or is about to: the one that mongod.lock names,
   * those that hold a lock on it or on WiredTiger.lock, and those that were started for it. A
   * server that still opens its storage, which takes as long as its recovery, is of the last two
   * kinds only.
   */
  static List<ProcessHandle> workingOn(Path dataPath, Optional<Path> configFile) {
    Stream<ProcessHandle> locking =
        Stream.of("mongod.lock", "WiredTiger.lock")
            .flatMap(name -> KernelLocks.holders(dataPath.resolve(name)).stream())
            .flatMap(pid -> ProcessHandle.of(pid).stream());
    Stream<ProcessHandle> started =
        ProcessHandle.allProcesses().filter(p -> isStartedFor(p, dataPath, configFile));
    return Stream.of(holder(dataPath, configFile).stream(), locking, started)
        .flatMap(s -> s)
        .distinct()
        .filter(ProcessHandle::isAlive)
        .toList();
  }

  private static boolean isStartedFor(
      ProcessHandle process, Path dataPath, Optional<Path> configFile) {
    List<String> arguments = arguments(process);
    return Stream.of(dataPath, real(dataPath))
            .anyMatch(path -> hasOption(arguments, "--dbpath", path.toString()))
        || configFile.stream()
            .map(Path::toString)
            .anyMatch(f -> hasOption(arguments, "--config", f) || hasOption(arguments, "-f", f));
  }

  private static boolean hasOption(List<String> arguments, String option, String value) {
    int at = arguments.indexOf(option);
    return at >= 0 && at + 1 < arguments.size() && arguments.get(at + 1).equals(value)
        || arguments.contains(option + "=" + value);
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
        .filter(process -> hasOption(arguments(process), option, value))
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
