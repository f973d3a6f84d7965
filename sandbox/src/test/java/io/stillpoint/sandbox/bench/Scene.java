package io.stillpoint.sandbox.bench;

import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where and how large.
 *
 * @param directory on the file system that is measured; emptied between figures
 * @param tiny only to see that everything works: the numbers mean nothing
 */
record Scene(Path directory, boolean tiny) {

  int pick(int full, int small) {
    return tiny ? small : full;
  }

  /** An empty directory of that name. */
  Path fresh(String name) throws IOException {
    remove(name);
    return Files.createDirectories(directory.resolve(name));
  }

  void remove(String name) throws IOException {
    Files.createDirectories(directory);
    new GuardedDirectory(directory).delete(directory.toRealPath().resolve(name));
  }
}
