package io.stillpoint.sandbox.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The wall clock of some processes, which can jump while they run: a small library of the tests
 * lies to them. Where no C compiler is at hand, it is everybody's clock and cannot jump.
 */
final class WallClock {

  private final Path file;
  private final Optional<Path> library;

  /**
   * @param name of the files that it makes in the directory
   */
  WallClock(Path directory, String name) {
    file = directory.resolve(name);
    library = compiled(directory, directory.resolve(name + ".so"));
    jump(Duration.ZERO);
  }

  boolean canJump() {
    return library.isPresent();
  }

  /** What the processes must have in their environment. */
  Map<String, String> environment() {
    return library
        .map(l -> Map.of("LD_PRELOAD", l.toString(), "WALL_CLOCK_OFFSET", file.toString()))
        .orElse(Map.of());
  }

  /** Sets it to the true time and so much more. */
  void jump(Duration offset) {
    ByteBuffer seconds =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.nativeOrder())
            .putLong(0, offset.toSeconds());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // In place: the processes have the file mapped.
      channel.write(seconds, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> compiled(Path directory, Path library) {
    Path source = directory.resolve("wall-clock.c");
    try (InputStream text =
        Objects.requireNonNull(WallClock.class.getResourceAsStream("wall-clock.c"))) {
      Files.write(source, text.readAllBytes());
      Process compiler =
          new ProcessBuilder(
                  List.of("cc", "-shared", "-fPIC", "-O2", "-o", "" + library, "" + source, "-ldl"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return compiler.waitFor(60, TimeUnit.SECONDS) && compiler.exitValue() == 0
          ? Optional.of(library)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
