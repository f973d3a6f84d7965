package io.stillpoint.cloud;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells the snapshots that a backup recorded from all others. */
public final class Strays {

  private Strays() {}

  /** The facts to look for strays by: one backup of one set each. */
  public static Set<Map<String, String>> scopes(List<FoundSnapshot> recorded) {
    return recorded.stream()
        .map(FoundSnapshot::identity)
        .map(i -> Map.of("cluster", i.cluster(), "backup", i.backup(), "set", i.set()))
        .collect(Collectors.toSet());
  }

  /**
   * Those that nobody recorded and nobody will: older attempts', and of the recorded attempt
   * further snapshots of the same volumes. A newer attempt's are never among them: the caller may
   * be a late one itself.
   */
  public static List<FoundSnapshot> among(List<FoundSnapshot> all, List<FoundSnapshot> recorded) {
    return all.stream()
        .filter(found -> recorded.stream().anyMatch(r -> replaces(r, found)))
        .filter(found -> recorded.stream().noneMatch(r -> r.ref().id().equals(found.ref().id())))
        .toList();
  }

  private static boolean replaces(FoundSnapshot recorded, FoundSnapshot found) {
    SnapshotIdentity ours = recorded.identity();
    SnapshotIdentity other = found.identity();
    boolean sameSet =
        ours.cluster().equals(other.cluster())
            && ours.backup().equals(other.backup())
            && ours.set().equals(other.set());
    boolean older = other.attempt() < ours.attempt();
    boolean twin =
        other.attempt() == ours.attempt()
            && (other.role().equals(SnapshotIdentity.UNPLANNED)
                || recorded.ref().volume().equals(found.ref().volume()));
    return sameSet && (older || twin);
  }

  /** Errors: SNAPSHOT_FOREIGN if it belongs to another backup. */
  public static void requireOwner(FoundSnapshot found, String cluster, String backup) {
    SnapshotIdentity identity = found.identity();
    if (!identity.cluster().equals(cluster) || !identity.backup().equals(backup)) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FOREIGN,
          "snapshot %s belongs to backup %s of cluster %s, not to %s of %s"
              .formatted(found.ref().id(), identity.backup(), identity.cluster(), backup, cluster),
          "look at the backup's manifest with 'stillpoint describe-backup'");
    }
  }

  /**
   * Errors: SNAPSHOT_FOREIGN if it is of another backup or set or was cut under another cursor,
   * SNAPSHOT_INCOMPLETE if it is not ready.
   */
  public static void requireRestorable(FoundSnapshot found, String backup, SnapshotRef recorded) {
    SnapshotIdentity identity = found.identity();
    if (!identity.backup().equals(backup)
        || !identity.set().equals(recorded.set())
        || !identity.cursorBackupId().equals(recorded.cursorBackupId())) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FOREIGN,
          "snapshot %s holds set %s of backup %s (cursor %s), not set %s of backup %s (cursor %s)"
              .formatted(
                  recorded.id(),
                  identity.set(),
                  identity.backup(),
                  identity.cursorBackupId(),
                  recorded.set(),
                  backup,
                  recorded.cursorBackupId()),
          "use another backup: stillpoint list");
    }
    if (!found.ref().ready()) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_INCOMPLETE,
          "snapshot %s cannot be restored from: %s"
              .formatted(recorded.id(), found.failed() ? found.failure() : "it is not stored yet"),
          found.failed() ? "use another backup: stillpoint list" : "wait until it is ready");
    }
  }
}
