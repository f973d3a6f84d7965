package io.stillpoint.sandbox.cloud;

import io.stillpoint.storage.LiveTreeVisitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The bytes behind simulated volumes and snapshots: each is a directory. Cutting copies the
 * volume's directory at that moment, creating a volume from a snapshot copies it back.
 *
 * <p>Unlike a real cut the copy is not atomic. That is harder on the caller, not easier: only files
 * that a backup cursor pins come out right.
 */
public final class VolumeDirectories {

  private final Path root;
  private final Map<String, Path> outside = new ConcurrentHashMap<>();

  /**
   * @param root everything that is created lies below it; nothing else is ever deleted
   */
  public VolumeDirectories(Path root) {
    this.root = root;
  }

  /** Lets an existing directory, such as a running server's dbPath, stand for the volume. */
  public void use(String volume, Path directory) {
    outside.put(volume, directory);
  }

  /** Where the volume's files are. */
  public Path volume(String id) {
    return outside.getOrDefault(id, root.resolve("volumes").resolve(id));
  }

  public Path snapshot(String id) {
    return root.resolve("snapshots").resolve(id);
  }

  public void createEmpty(String volume) {
    try {
      Files.createDirectories(volume(volume));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void cut(String volume, String snapshot) {
    copy(volume(volume), snapshot(snapshot));
  }

  public void restore(String snapshot, String volume) {
    copy(snapshot(snapshot), volume(volume));
  }

  /** A snapshot with the content of one that lies elsewhere. */
  public void copyIn(Path from, String to) {
    copy(from, snapshot(to));
  }

  public void deleteSnapshot(String id) {
    delete(snapshot(id));
  }

  /** Deletes the volume's files; a directory that was only lent is left alone. */
  public void deleteVolume(String id) {
    if (outside.remove(id) == null) {
      delete(volume(id));
    }
  }

  private static void copy(Path from, Path to) {
    try {
      Files.createDirectories(to);
      if (!Files.isDirectory(from)) {
        return;
      }
      Files.walkFileTree(
          from,
          // A live server drops files that nobody pins; a cut of that moment lacks them too.
          new LiveTreeVisitor() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a)
                throws IOException {
              Files.createDirectories(to.resolve(from.relativize(directory).toString()));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              if (!attributes.isRegularFile()) {
                return FileVisitResult.CONTINUE;
              }
              Path copy = to.resolve(from.relativize(file).toString());
              try {
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
              } catch (NoSuchFileException e) {
                return visitFileFailed(file, e);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path done, IOException e) throws IOException {
              Files.delete(done);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
