package io.stillpoint.directory;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.storage.FileName;
import io.stillpoint.storage.GuardedDirectory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where things are below a snapshot root: {@code <root>/<backup>/<set>-<attempt>/}. */
public final class SnapshotPaths {

  private final Path root;

  public SnapshotPaths(Path root) {
    this.root = root;
  }

  /**
   * The root as a guard.
   *
   * @throws StillpointException TARGET_NOT_WRITABLE if it does not exist: creating it would write
   *     beside a file system that is not mounted
   */
  public GuardedDirectory guarded() {
    if (!Files.isDirectory(root)) {
      throw new StillpointException(
          ErrorCode.TARGET_NOT_WRITABLE,
          "snapshot root %s does not exist on this host".formatted(root),
          "mount or create it, writable for the node agent's user: mkdir -p " + root);
    }
    return new GuardedDirectory(root);
  }

  public Path snapshot(String backup, String set, int attempt) {
    return backup(backup).resolve(FileName.of(set) + "-" + attempt);
  }

  public Path backup(String backup) {
    return guarded().root().resolve(FileName.require("backup", backup));
  }

  Path lock(String member) {
    return guarded().plain(Path.of(".locks", FileName.of(member)));
  }
}
