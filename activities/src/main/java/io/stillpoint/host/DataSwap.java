package io.stillpoint.host;

import io.stillpoint.directory.DataPath;
import io.stillpoint.directory.ListedFilesCheck;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.RestoreState.Step;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Exchanges the entries of a data path with those of a stage, and back, by renames only. The data
 * path itself stays, because it may be a mount point. Every step is recorded before it begins, and
 * every rename can tell from what is there whether it was done before, so that both directions can
 * be resumed after any crash. The caller holds the area's lock and has made sure that no server
 * runs.
 */
final class DataSwap {

  /** Entries of a data path that are never moved. */
  private static final Set<String> STAY = Set.of(DataPath.RESTORES, "lost+found");

  /** Renames; a seam for tests that stop at every single one. */
  @FunctionalInterface
  interface Mover {
    void move(Path from, Path to) throws IOException;
  }

  /** Records a state; the other seam. */
  @FunctionalInterface
  interface Recorder {
    void record(RestoreState state);
  }

  private final RestoreArea area;
  private final Clock clock;
  private final Mover mover;
  private final Recorder recorder;

  DataSwap(RestoreArea area, Clock clock) {
    this(
        area,
        clock,
        (from, to) -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE),
        area::save);
  }

  DataSwap(RestoreArea area, Clock clock, Mover mover, Recorder recorder) {
    this.area = area;
    this.clock = clock;
    this.mover = mover;
    this.recorder = recorder;
  }

  /** Entries that a swap would move away. */
  List<String> liveNames() {
    return names(area.dataPath()).stream().filter(name -> !STAY.contains(name)).toList();
  }

  /**
   * @throws StillpointException AGENT_REFUSED if a file system is mounted inside the data path
   */
  void requireMovable() {
    for (String name : liveNames()) {
      try {
        if (GuardedDirectory.hasMountBelow(area.dataPath().resolve(name))) {
          throw refused(
              "a file system is mounted at or below %s, so the data there cannot be moved aside"
                  .formatted(area.dataPath().resolve(name)));
        }
      } catch (IOException e) {
        throw RestoreArea.unusable(area.dataPath(), e);
      }
    }
  }

  /** From STAGED, or from wherever an earlier call stopped, to SWAPPED. */
  RestoreState swap(RestoreState from) {
    RestoreState state = from;
    if (state.step() == Step.STAGED) {
      requireMovable();
      List<String> staged = names(area.stage(state.restore()));
      requireBackupMetadata(state, staged);
      area.makeDirectory(area.old(state.restore()));
      state = state.moving(liveNames(), staged, clock.instant());
      recorder.record(state);
    }
    if (state.step() == Step.MOVING_OLD) {
      moveAll(state.oldNames(), area.dataPath(), area.old(state.restore()));
      state = record(state, Step.MOVING_NEW);
    }
    if (state.step() == Step.MOVING_NEW) {
      moveAll(state.newNames(), area.stage(state.restore()), area.dataPath());
      requireExactly(state.newNames());
      state = record(state, Step.SWAPPED);
    }
    if (!state.step().isSwappedIn()) {
      throw refused(
          "restore %s is %s in %s and cannot be swapped in"
              .formatted(state.restore(), state.step(), area.dataPath()));
    }
    return state;
  }

  /**
   * Somebody may have touched the stage since it was checked; without this file all looks empty.
   */
  private void requireBackupMetadata(RestoreState state, List<String> staged) {
    if (!staged.contains(ListedFilesCheck.BACKUP_FILE)) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_INCOMPLETE,
          "stage %s has lost its %s since it was checked"
              .formatted(area.stage(state.restore()), ListedFilesCheck.BACKUP_FILE),
          "nothing was changed; start the restore again under a new name");
    }
  }

  /** Puts exactly the old entries back, from any step, and ends as UNDONE. */
  RestoreState undo(RestoreState from, Runnable beat) {
    RestoreState state = from;
    switch (state.step()) {
      case STAGING, STAGED -> state = record(state, Step.UNDONE);
      case MOVING_OLD -> state = record(state, Step.UNDO_RETURNING);
      case MOVING_NEW, SWAPPED, REPLAYING, RENAMING, RECOVERED -> {
        requireAllOldAside(state);
        state = record(state, Step.UNDO_DISCARDING);
      }
      case UNDO_DISCARDING, UNDO_RETURNING, UNDONE, DROPPED -> {
        // Resumed, or done before.
      }
      case RELEASED ->
          throw new StillpointException(
              ErrorCode.UNDO_FAILED,
              "restore %s was released on %s, so its old data is gone"
                  .formatted(state.restore(), area.dataPath()),
              "restore a backup instead: stillpoint list");
    }
    if (state.step() == Step.UNDO_DISCARDING) {
      discardLive(state, beat);
      state = record(state, Step.UNDO_RETURNING);
    }
    if (state.step() == Step.UNDO_RETURNING) {
      moveAll(state.oldNames(), area.old(state.restore()), area.dataPath());
      requireExactly(state.oldNames());
      state = record(state, Step.UNDONE);
    }
    return state;
  }

  /** Each name is in exactly one of the two places; what is in the first goes to the second. */
  private void moveAll(List<String> names, Path from, Path to) {
    try {
      for (String name : names) {
        boolean here = exists(from.resolve(name));
        boolean there = exists(to.resolve(name));
        if (here && !there) {
          mover.move(from.resolve(name), to.resolve(name));
        } else if (here == there) {
          throw refused(
              here
                  ? "%s is in %s and in %s as well".formatted(name, from, to)
                  : "%s is neither in %s nor in %s".formatted(name, from, to));
        }
      }
      if (exists(from)) {
        DurableFiles.syncDirectory(from);
      }
      DurableFiles.syncDirectory(to);
    } catch (IOException e) {
      throw RestoreArea.unusable(to, e);
    }
  }

  /** All old data is aside; what is deleted here, because it cannot be moved, would be later. */
  private void discardLive(RestoreState state, Runnable beat) {
    try {
      moveLiveTo(area.discard(state.restore()));
    } catch (StillpointException e) {
      if (e.code() != ErrorCode.DISK_FULL) {
        throw e;
      }
      requireAllOldAside(state);
      deleteLive(beat);
    }
  }

  private void deleteLive(Runnable beat) {
    try {
      GuardedDirectory live = new GuardedDirectory(area.dataPath());
      for (String name : liveNames()) {
        live.delete(area.dataPath().resolve(name), beat);
      }
      DurableFiles.syncDirectory(area.dataPath());
    } catch (IOException e) {
      throw RestoreArea.unusable(area.dataPath(), e);
    }
  }

  private void moveLiveTo(Path discarded) {
    Path discard = area.makeDirectory(discarded);
    try {
      for (String name : liveNames()) {
        Path to = discard.resolve(name);
        for (int i = 1; exists(to); i++) {
          to = discard.resolve(name + "~" + i);
        }
        mover.move(area.dataPath().resolve(name), to);
      }
      DurableFiles.syncDirectory(discard);
      DurableFiles.syncDirectory(area.dataPath());
    } catch (IOException e) {
      throw RestoreArea.unusable(discard, e);
    }
  }

  private void requireAllOldAside(RestoreState state) {
    Path old = area.old(state.restore());
    for (String name : state.oldNames()) {
      if (!exists(old.resolve(name))) {
        throw new StillpointException(
            ErrorCode.UNDO_FAILED,
            "old entry %s of restore %s is not in %s".formatted(name, state.restore(), old),
            "nothing was changed; look for it before you do anything else");
      }
    }
  }

  private void requireExactly(List<String> names) {
    List<String> live = liveNames();
    if (!Set.copyOf(live).equals(Set.copyOf(names))) {
      throw refused(
          "%s holds %s, but should hold exactly %s".formatted(area.dataPath(), live, names));
    }
  }

  private RestoreState record(RestoreState state, Step step) {
    RestoreState next = state.at(step, clock.instant());
    recorder.record(next);
    return next;
  }

  private static List<String> names(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw RestoreArea.unusable(directory, e);
    }
  }

  private static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static StillpointException refused(String message) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        message,
        "make sure that nothing else writes into the data path, then resume the restore");
  }
}
