package io.stillpoint.sandbox.faults;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor.ActivityOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** One fault that waits in a file for its activity, and strikes once. */
record InjectedFault(String activity, Kind kind) {

  /** Exit code of a process that was killed with -9. */
  private static final int KILLED = 137;

  /** Longer than the time after which any activity that is silent is given to another try. */
  private static final long LATE_MILLIS = 35_000;

  private static final long BETWEEN_HEARTBEATS_MILLIS = 1_500;

  /** There once a late effect has come. */
  private static final String LATE_CAME = ".late-came";

  enum Kind {
    KILL_BEFORE,
    KILL_AFTER,
    KILL_BETWEEN_HEARTBEATS,
    TRANSIENT_BEFORE,
    TRANSIENT_AFTER,
    PERMANENT,
    DISK_FULL,
    /** The first try hangs, is given up, and has its effect beside or after its retry. */
    LATE;

    boolean endsTheOperation() {
      return this == PERMANENT || this == DISK_FULL;
    }
  }

  static void arm(Path directory, InjectedFault fault) throws IOException {
    Files.deleteIfExists(directory.resolve(LATE_CAME));
    Path draft = directory.resolve(".draft");
    Files.writeString(draft, fault.kind.name());
    Files.move(draft, directory.resolve(fault.activity));
  }

  /** The armed fault if it is for this activity; it is gone for everybody else then. */
  static Optional<InjectedFault> take(Path directory, String activity) {
    Path file = directory.resolve(activity);
    try {
      Kind kind = Kind.valueOf(Files.readString(file));
      return Files.deleteIfExists(file)
          ? Optional.of(new InjectedFault(activity, kind))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes back what did not strike; returns whether all of it did. */
  static boolean allStruck(Path directory) throws IOException {
    boolean all = true;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> !f.getFileName().toString().startsWith(".")).toList()) {
        Files.deleteIfExists(file);
        all = false;
      }
    }
    return all;
  }

  static boolean lateCame(Path directory) {
    return Files.exists(directory.resolve(LATE_CAME));
  }

  /**
   * @param directory that it waited in
   */
  ActivityOutput strike(Path directory, Supplier<ActivityOutput> effect) {
    switch (kind) {
      case KILL_BEFORE -> Runtime.getRuntime().halt(KILLED);
      case KILL_AFTER -> {
        effect.get();
        Runtime.getRuntime().halt(KILLED);
      }
      case KILL_BETWEEN_HEARTBEATS -> {
        Thread killer =
            new Thread(
                () -> {
                  pause(BETWEEN_HEARTBEATS_MILLIS);
                  Runtime.getRuntime().halt(KILLED);
                });
        killer.setDaemon(true);
        killer.start();
      }
      case TRANSIENT_BEFORE -> throw lost();
      case TRANSIENT_AFTER -> {
        effect.get();
        throw lost();
      }
      case PERMANENT ->
          throw Failures.of(
              ErrorCode.CONFIGURATION_INVALID, "permanent fault in " + activity, "it is a test");
      case DISK_FULL ->
          throw Failures.of(
              ErrorCode.DISK_FULL, "no space left on device, in " + activity, "free space");
      case LATE -> {
        pause(LATE_MILLIS);
        return late(directory, effect);
      }
    }
    return effect.get();
  }

  private static ActivityOutput late(Path directory, Supplier<ActivityOutput> effect) {
    try {
      return effect.get();
    } finally {
      try {
        Files.writeString(directory.resolve(LATE_CAME), "");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private RuntimeException lost() {
    return Failures.of(ErrorCode.MONGO_UNREACHABLE, "transient fault in " + activity, "");
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
