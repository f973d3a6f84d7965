package io.stillpoint.backup;

import java.util.List;
import java.util.Optional;

/**
 * What a person or a snapshot tool says when a copy is made.
 *
 * @param set the replica set; absent means all sets
 * @param snapshots the tool's own names for the snapshots; recorded in the manifest
 * @param attempt the backup's attempt in which the copy was made; must be said from the second on,
 *     because the copies of those before are worthless
 */
public record CopyFinished(
    Optional<String> set, List<String> snapshots, Optional<Integer> attempt) {
  public CopyFinished {
    attempt = attempt == null ? Optional.empty() : attempt;
    set = set == null ? Optional.empty() : set;
    snapshots = snapshots == null ? List.of() : List.copyOf(snapshots);
  }

  /** Of the first attempt. */
  public CopyFinished(Optional<String> set, List<String> snapshots) {
    this(set, snapshots, Optional.empty());
  }
}
