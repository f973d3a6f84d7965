package io.stillpoint.storage;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * A directory below which, and only below which, may be deleted. Every deletion of the agent goes
 * through one of these, and what it guards comes from configuration. A target is refused if, once
 * every symbolic link on the way to it is resolved, it lies elsewhere; if it is the directory
 * itself; or if another file system is mounted at or below it. Links inside a deleted tree are
 * removed, never followed.
 */
public final class GuardedDirectory {

  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  private final Path root;
  private final Path mounts;

  /**
   * @param root must exist
   */
  public GuardedDirectory(Path root) {
    this(root, MOUNTS);
  }

  /**
   * @param mounts the kernel's list of mounts
   */
  GuardedDirectory(Path root, Path mounts) {
    this.mounts = mounts;
    this.root = real(root);
    if (this.root.getNameCount() == 0) {
      throw refusal(root, "the root of the file system is never guarded");
    }
  }

  public Path root() {
    return root;
  }

  /**
   * Resolves a path that must lie below this directory; it need not exist.
   *
   * @return the path with all links in its parent resolved
   */
  public Path below(Path path) {
    Path absolute = path.isAbsolute() ? path : root.resolve(path);
    for (Path part : absolute) {
      if (part.toString().equals("..") || part.toString().equals(".")) {
        throw refusal(path, "it has '.' or '..' in it");
      }
    }
    Path parent = absolute.getParent();
    if (parent == null) {
      throw refusal(path, "it is the root of the file system");
    }
    Path existing = parent;
    while (!Files.exists(existing)) {
      if (Files.isSymbolicLink(existing)) {
        throw refusal(path, existing + " is a dangling link");
      }
      existing = existing.getParent();
    }
    Path resolved =
        real(existing).resolve(existing.relativize(absolute)).toAbsolutePath().normalize();
    if (!resolved.startsWith(root) || resolved.equals(root)) {
      throw refusal(path, "it resolves to " + resolved);
    }
    return resolved;
  }

  /**
   * As {@link #below}, and there is no symbolic link at the path or between this directory and it.
   * For what is written, and for what is taken for something that was written here.
   */
  public Path plain(Path path) {
    Path resolved = below(path);
    Path absolute = path.isAbsolute() ? path : root.resolve(path);
    boolean linked = absolute.startsWith(root) && !absolute.equals(resolved);
    if (linked || Files.isSymbolicLink(resolved)) {
      throw refusal(path, "there is a symbolic link at it or on the way to it");
    }
    return resolved;
  }

  /** Deletes a file or a whole tree; nothing there is fine. */
  public void delete(Path path) throws IOException {
    delete(path, () -> {});
  }

  /**
   * As {@link #delete(Path)}.
   *
   * @param beat called for every file; may throw to stop
   */
  public void delete(Path path, Runnable beat) throws IOException {
    Path target = below(path);
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    refuseMounts(target);
    Files.walkFileTree(
        target,
        new LiveTreeVisitor() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            beat.run();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
    DurableFiles.syncDirectory(target.getParent());
  }

  /** True if another file system is mounted at the path or below it. */
  public static boolean hasMountBelow(Path path) throws IOException {
    return hasMountBelow(path, MOUNTS);
  }

  private static boolean hasMountBelow(Path path, Path mounts) throws IOException {
    if (!Files.isReadable(mounts)) {
      return false;
    }
    List<String> lines = Files.readAllLines(mounts);
    return lines.stream()
        .map(line -> line.split(" "))
        .filter(fields -> fields.length > 4)
        .map(fields -> Path.of(unescape(fields[4])))
        .anyMatch(mount -> mount.startsWith(path));
  }

  private void refuseMounts(Path target) throws IOException {
    if (hasMountBelow(target, mounts)) {
      throw refusal(target, "another file system is mounted there");
    }
  }

  /** The kernel writes space, tab, newline and backslash of a mount point as octal numbers. */
  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }

  private StillpointException refusal(Path path, String why) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        "refused to touch %s below %s: %s".formatted(path, root, why),
        "the agent changes only what lies in its own directories; check its configuration");
  }

  private Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "directory %s cannot be resolved: %s".formatted(path, e.getMessage()),
          "create it, or correct the agent's configuration",
          e);
    }
  }
}
