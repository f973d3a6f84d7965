package io.stillpoint.activity;

import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.SnapshotType;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a workflow that was terminated, or whose history was lost, left behind, and how it is
 * mended. Every caller but {@link #freeStaleLock} holds the cluster's lock, so nothing of this
 * cluster can belong to a living operation; each method makes sure of that all the same.
 */
@ActivityInterface(namePrefix = "Recovery")
public interface RecoveryActivities {

  /** A backup whose manifest says RUNNING although its workflow has ended. */
  record DeadBackup(String backup, SnapshotType type, String owner) {}

  /** One set that a restore replaces. */
  record MarkedSet(String set, ReplicaSetRole role, String preferred, List<String> members) {
    public MarkedSet {
      members = List.copyOf(members);
    }
  }

  /**
   * What a restore may have touched; recorded before it begins and forgotten once it is verified or
   * undone, so that it can be found without the workflow.
   *
   * @param operation workflow id
   * @param routers mongos that the restore stops
   */
  record RestoreMark(
      String operation, String restore, String backup, List<MarkedSet> sets, List<String> routers) {
    public RestoreMark {
      sets = List.copyOf(sets);
      routers = List.copyOf(routers);
    }
  }

  /**
   * @param balancer an operation that is gone recorded the balancer's settings and never gave them
   *     back
   */
  record Leftovers(List<DeadBackup> backups, List<RestoreMark> restores, boolean balancer) {
    public Leftovers {
      backups = List.copyOf(backups);
      restores = List.copyOf(restores);
    }

    public boolean isEmpty() {
      return backups.isEmpty() && restores.isEmpty() && !balancer;
    }
  }

  /**
   * @param topology empty if a restore was left half done: its servers may well be down
   */
  record Survey(Leftovers left, Optional<ClusterTopology> topology) {}

  /** A backup cursor of ours that nobody keeps any more. */
  record LeftCursor(String member, String operation, long idleMillis, boolean closed) {}

  /**
   * What may stay of a backup's snapshots.
   *
   * @param known the catalog has a manifest that can be read
   * @param untouchable nothing may be deleted: it runs, or nobody can say
   * @param ids snapshots that a completed manifest records
   */
  record Kept(boolean known, boolean untouchable, List<String> ids) {
    public Kept {
      ids = List.copyOf(ids);
    }
  }

  /**
   * An operation that has ended, though it never gave back or took back what it had recorded.
   *
   * @param workflowId the operation's
   * @param restore the restore's name; empty for a backup, which left a balancer stopped
   */
  record Unfinished(String cluster, String workflowId, String restore) {

    /**
     * Nothing is backed up or restored before a person has it mended; other things mend themselves.
     */
    public boolean needsRecovery() {
      return !restore.isEmpty();
    }
  }

  /**
   * What the first run of a restore left whose workflow was reset.
   *
   * @param cluster the target's name; empty if neither the request nor the catalog says it
   * @param completed Temporal still knows that the first run completed
   * @param unfinished the restore's mark is still there: it was neither verified nor undone
   */
  record FirstRun(String cluster, boolean completed, boolean unfinished) {}

  /** Reads the catalog and asks Temporal which of its operations are gone. Changes nothing. */
  @ActivityMethod
  Leftovers look(String cluster);

  /**
   * What an operation begins with: {@link #look}, then {@link TopologyActivities#read}, with the
   * errors of both. Changes nothing.
   */
  @ActivityMethod
  Survey survey(String cluster);

  /**
   * What {@link #look} would find of restores and balancers, without reading a manifest. The caller
   * holds no lock. Changes nothing.
   *
   * @param cluster absent means all
   */
  @ActivityMethod
  List<Unfinished> unfinished(Optional<String> cluster);

  /**
   * Records what a restore is about to touch. Repeating it is fine. Refused with RECOVERY_NEEDED
   * once the operation is over: a late attempt must not leave a mark on a verified restore.
   */
  @ActivityMethod
  void mark(String cluster, RestoreMark mark);

  /**
   * How a restore stands whose workflow was reset; asked by its second run. Changes nothing.
   *
   * @param cluster the target's name, if the request gave one; otherwise it is the backup's
   * @param operation workflow id
   * @param firstRun its run id
   */
  @ActivityMethod
  FirstRun afterReset(String backup, Optional<String> cluster, String operation, String firstRun);

  /** The restore is verified or undone. Idempotent. */
  @ActivityMethod
  void unmark(String cluster, String operation);

  /**
   * Finds our backup cursors of this cluster on the member whose operation is gone, by their
   * comment, and closes them if told so. Anybody else's are never touched, nor those of another
   * installation that still uses them.
   */
  @ActivityMethod
  List<LeftCursor> cursors(String cluster, String member, boolean close);

  /**
   * Gives the balancer what the oldest operation that is gone had saved, unless somebody has
   * switched it on since, and forgets those records.
   *
   * @param dryRun say only what would be done
   * @return what was, or would be, done, in words
   */
  @ActivityMethod
  String giveBalancerBack(String cluster, boolean dryRun);

  /** What may stay of each of these backups. */
  @ActivityMethod
  Map<String, Kept> kept(String cluster, List<String> backups);

  /**
   * The directory backups that a manifest calls complete and restorable, though a snapshot of
   * theirs is not where it was.
   *
   * @param present backups of which the member's agent has a snapshot
   */
  @ActivityMethod
  List<String> lost(String cluster, String member, List<String> present);

  /** Whether the newest run of this workflow is open. */
  @ActivityMethod
  boolean isRunning(String workflowId);

  /**
   * Ends the cluster's lock if the operation that took it has ended, which the server itself does
   * within moments.
   *
   * @return workflow id of the operation that holds the lock rightly; empty if the lock is free now
   */
  @ActivityMethod
  String freeStaleLock(String cluster);
}
