package io.stillpoint.directory;

import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.FileSystemSync;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** How written files become durable; a seam for tests in which the power fails. */
interface Durability {

  Durability OF_THIS_SYSTEM =
      new Durability() {
        @Override
        public boolean all(Path directory) throws IOException {
          return FileSystemSync.sync(directory);
        }

        @Override
        public void content(Path file) throws IOException {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(false);
          }
        }

        @Override
        public void names(Path directory) throws IOException {
          DurableFiles.syncDirectory(directory);
        }
      };

  /**
   * Everything that was written to the directory's file system: many small files take one call.
   *
   * @return false if that cannot be relied on here: then each file has to be made durable by itself
   */
  boolean all(Path directory) throws IOException;

  /** One file's content, but not its name. */
  void content(Path file) throws IOException;

  /** The names in a directory. */
  void names(Path directory) throws IOException;
}
