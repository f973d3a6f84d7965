package io.stillpoint.command;

import java.util.List;
import java.util.Optional;

/**
 * What the program writes to its standard output, as JSON; each verb uses its part.
 *
 * @param volumes {@code resolve}: one line for people for each volume
 * @param freeBytes {@code resolve}: space left for snapshots, 0 if unknown
 * @param warnings {@code resolve}: what a person should know before
 * @param snapshots {@code cut}, {@code poll}, {@code list}
 * @param directory {@code restore}: where the files can be read, as they lay in the data path
 */
record CommandAnswer(
    List<String> volumes,
    long freeBytes,
    List<String> warnings,
    List<Snapshot> snapshots,
    Optional<String> directory) {

  CommandAnswer {
    volumes = volumes == null ? List.of() : List.copyOf(volumes);
    warnings = warnings == null ? List.of() : List.copyOf(warnings);
    snapshots = snapshots == null ? List.of() : List.copyOf(snapshots);
    directory = directory == null ? Optional.empty() : directory;
  }

  /**
   * @param id the program's own name for it, at most 512 printable characters
   * @param role data or journal; data if left out
   * @param ready it can be restored from
   */
  record Snapshot(
      String id, String volume, String role, long bytes, boolean ready, String set, String cursor) {
    Snapshot {
      volume = volume == null ? "" : volume;
      role = role == null ? "data" : role;
      set = set == null ? "" : set;
      cursor = cursor == null ? "" : cursor;
    }

    boolean isSound() {
      return id != null
          && !id.isBlank()
          && id.length() <= 512
          && id.chars().noneMatch(Character::isISOControl);
    }
  }
}
