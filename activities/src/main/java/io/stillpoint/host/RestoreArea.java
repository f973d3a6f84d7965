package io.stillpoint.host;

import io.stillpoint.catalog.ChecksummedJson;
import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.directory.DataPath;
import io.stillpoint.directory.ListedFilesCheck;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.ExclusiveLock;
import io.stillpoint.storage.FileName;
import io.stillpoint.storage.GuardedDirectory;
import io.stillpoint.storage.ReservedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where restores keep their things in a data path, so that moving them is a rename: {@code
 * <dbPath>/.stillpoint/<restore>/} with {@code stage}, {@code old}, {@code discard} and {@code
 * state.json}.
 */
public final class RestoreArea {

  private static final String STATE = "state.json";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path dataPath;
  private final Path base;
  private final Path root;

  /**
   * @param dataPath must exist
   */
  public RestoreArea(Path dataPath) {
    this.dataPath = new GuardedDirectory(dataPath).root();
    this.base = this.dataPath;
    this.root = base.resolve(DataPath.RESTORES);
  }

  private RestoreArea(Path dataPath, Path base) {
    this.dataPath = dataPath;
    this.base = base;
    this.root = base;
  }

  /**
   * An area apart from the data path, which may be gone for a while.
   *
   * @param directory must exist
   */
  public static RestoreArea apart(Path dataPath, Path directory) {
    return new RestoreArea(dataPath, new GuardedDirectory(directory).root());
  }

  /** Whether the area lies in a directory. */
  boolean isBelow(Path directory) {
    try {
      return root.startsWith(directory.toRealPath());
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  /** The data path; with all links resolved if the area lies in it. */
  public Path dataPath() {
    return dataPath;
  }

  public Path stage(String restore) {
    return directory(restore).resolve("stage");
  }

  public Path old(String restore) {
    return directory(restore).resolve("old");
  }

  public Path discard(String restore) {
    return directory(restore).resolve("discard");
  }

  public Path directory(String restore) {
    return root().resolve(FileName.require("restore", restore));
  }

  /** Deletes below the area only. */
  void delete(Path path, Runnable beat) {
    try {
      if (Files.isDirectory(root())) {
        new GuardedDirectory(root()).delete(path, beat);
      }
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /** What made a recovery repeatable; recovered data no longer needs it. */
  void deleteKeptMetadata(String restore) {
    delete(directory(restore).resolve(ListedFilesCheck.BACKUP_FILE), () -> {});
  }

  Path makeDirectory(Path directory) {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      for (Path p = directory; !p.equals(base); p = p.getParent()) {
        DurableFiles.syncDirectory(p.getParent());
      }
      return directory;
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  Optional<RestoreState> state(String restore) {
    Path file = directory(restore).resolve(STATE);
    try {
      RestoreState state = ChecksummedJson.read(Files.readAllBytes(file), RestoreState.class);
      if (state.formatVersion() != RestoreState.FORMAT_VERSION) {
        throw new DamagedException("it has format version " + state.formatVersion());
      }
      return Optional.of(state);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (DamagedException e) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "state of restore %s in %s is damaged: %s".formatted(restore, file, e.getMessage()),
          "nothing was changed; move the entries of %s back by hand if any are there"
              .formatted(old(restore)),
          e);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /**
   * Records a state. From the first on, the space for the states of an undo is reserved: a disk
   * that fills up meanwhile must not keep the old data from its place.
   */
  void save(RestoreState state) {
    Path file = directory(state.restore()).resolve(STATE);
    makeDirectory(file.getParent());
    byte[] content = ChecksummedJson.write(state);
    ReservedFile reserved = new ReservedFile(file);
    try {
      if (state.step().isForward()) {
        reserved.reserve(content.length);
      }
      reserved.replace(content);
      if (state.step().isEnded()) {
        reserved.release();
      }
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /** The restore that has neither been released nor undone, if there is one. */
  public Optional<RestoreState> unfinished() {
    if (!Files.isDirectory(root())) {
      return Optional.empty();
    }
    try (Stream<Path> restores = Files.list(root())) {
      return restores
          .filter(Files::isDirectory)
          .map(restore -> state(restore.getFileName().toString()))
          .flatMap(Optional::stream)
          .filter(state -> !state.step().isEnded())
          .findFirst();
    } catch (IOException e) {
      throw unusable(root(), e);
    }
  }

  /**
   * @throws StillpointException AGENT_REFUSED if the area belongs to another unfinished restore
   */
  void requireFree(String restore) {
    unfinished()
        .filter(other -> !other.restore().equals(restore))
        .ifPresent(
            other -> {
              throw new StillpointException(
                  ErrorCode.AGENT_REFUSED,
                  "%s holds the unfinished restore %s (%s), so restore %s cannot use it"
                      .formatted(base, other.restore(), other.step(), restore),
                  "finish or undo it first: stillpoint describe-restore " + other.restore());
            });
  }

  /** Runs work that changes the area; one at a time for each data path. */
  <T> T exclusively(Runnable waiting, ExclusiveLock.Action<T> work) {
    Path lock = makeDirectory(root()).resolve(".lock");
    try {
      return ExclusiveLock.holding(lock, PATIENCE, waiting, work);
    } catch (IOException e) {
      throw unusable(root(), e);
    }
  }

  /** Where the output of servers that the agent starts is kept. */
  Path output() {
    return root().resolve("mongod.out");
  }

  private Path root() {
    if (Files.isSymbolicLink(root)) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "%s is a symbolic link, but what is in it is moved and deleted".formatted(root),
          "make it a directory of the data path's own file system, or remove the link");
    }
    return root;
  }

  static StillpointException unusable(Path path, IOException e) {
    if (DurableFiles.isDiskFull(e)) {
      return new StillpointException(
          ErrorCode.DISK_FULL,
          "%s could not be written: %s".formatted(path, e.getMessage()),
          "free space on the data path's file system",
          e);
    }
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        "%s could not be used: %s".formatted(path, e),
        "run the node agent as the user that owns the data path",
        e);
  }
}
