package io.stillpoint.backup;

import java.util.List;
import java.util.Optional;

/**
 * What a person or a snapshot tool says when a copy is made.
 *
 * @param set the replica set; absent means all sets
 * @param snapshots the tool's own names for the snapshots; recorded in the manifest
 */
public record CopyFinished(Optional<String> set, List<String> snapshots) {
  public CopyFinished {
    set = set == null ? Optional.empty() : set;
    snapshots = snapshots == null ? List.of() : List.copyOf(snapshots);
  }
}
