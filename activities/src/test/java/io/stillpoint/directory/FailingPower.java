package io.stillpoint.directory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A disk that keeps only what was made durable, and goes off in the middle of a call. A call keeps
 * what was there when it began.
 */
final class FailingPower implements Durability {

  private final Path directory;
  private final boolean wholeFileSystems;
  private final Random random;
  private final Map<Path, byte[]> contents = new HashMap<>();
  private final Set<Path> names = new HashSet<>();
  private int callsLeft;

  FailingPower(Path directory, boolean wholeFileSystems, Random random) {
    this.directory = directory;
    this.wholeFileSystems = wholeFileSystems;
    this.random = random;
  }

  void goOffAfter(int calls) {
    callsLeft = calls;
  }

  /** Leaves of all files what a disk may have after the power came back. */
  void comeBack() throws IOException {
    for (Path file : files(directory)) {
      byte[] now = Files.readAllBytes(file);
      byte[] durable = contents.get(file);
      if (!names.contains(file) && random.nextBoolean()) {
        Files.delete(file);
      } else if (durable == null || !Arrays.equals(durable, now)) {
        // The size may be right although no block was written: then zeros are read.
        Files.write(file, new byte[random.nextBoolean() ? now.length : now.length / 2]);
      }
    }
  }

  @Override
  public synchronized boolean all(Path target) throws IOException {
    if (!wholeFileSystems) {
      return false;
    }
    spend();
    for (Path file : files(directory)) {
      contents.put(file, Files.readAllBytes(file));
      names.add(file);
    }
    spend();
    return true;
  }

  @Override
  public synchronized void content(Path file) throws IOException {
    spend();
    contents.put(file, Files.readAllBytes(file));
  }

  @Override
  public synchronized void names(Path parent) throws IOException {
    spend();
    try (Stream<Path> found = Files.list(parent)) {
      found.filter(Files::isRegularFile).forEach(names::add);
    }
  }

  private void spend() {
    if (callsLeft-- == 0) {
      throw new UncheckedIOException(new IOException("the power is off"));
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> found = Files.walk(directory)) {
      return new ArrayList<>(
          found
              .filter(Files::isRegularFile)
              // Written by other means, which are durable when they return.
              .filter(f -> !f.getFileName().toString().equals(CopyRecord.NAME))
              .toList());
    }
  }
}
