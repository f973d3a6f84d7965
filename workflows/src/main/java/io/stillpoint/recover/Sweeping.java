package io.stillpoint.recover;

import io.stillpoint.activity.RecoveryActivities.Kept;
import io.stillpoint.activity.SnapshotActivities.SweepRequest;
import io.stillpoint.error.Failures;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Parallel;
import io.stillpoint.recover.Finding.Kind;
import io.stillpoint.recover.Finding.Outcome;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Deletes snapshots that no manifest records. */
final class Sweeping {

  /** Manifests that are asked for at once; each names the snapshots of every set. */
  private static final int PAGE = 10;

  private static final String LOST = "lost-snapshots";

  private final String cluster;
  private final Findings findings;

  Sweeping(String cluster, Findings findings) {
    this.cluster = cluster;
    this.findings = findings;
  }

  /** Sweeps one backup wherever snapshots of its type are made. */
  void sweep(SnapshotType type, String backup, List<String> keep, ClusterTopology topology) {
    if (!type.cutByAgent()) {
      sweepControl(type, backup, keep);
      return;
    }
    Parallel.forEach(Mending.members(topology), m -> sweepAgent(type, backup, m, keep));
  }

  /**
   * Looks at everything that the agents hold, against the catalog.
   *
   * @param deleteStrays delete as well what the catalog knows nothing of
   */
  void sweepDirectories(ClusterTopology topology, boolean deleteStrays) {
    SnapshotType type = SnapshotType.DIRECTORY;
    boolean findsLost =
        Workflow.getVersion(LOST, Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION;
    Map<String, List<String>> membersByBackup = new TreeMap<>();
    Parallel.forEach(
        Mending.members(topology),
        m -> {
          try {
            List<String> present =
                RecoveryStubs.agent("look for snapshots of", m).backups(type, cluster, m);
            present.forEach(b -> membersByBackup.computeIfAbsent(b, k -> new ArrayList<>()).add(m));
            if (findsLost) {
              lost(m, present);
            }
          } catch (TemporalFailure e) {
            findings.left(
                Kind.SNAPSHOT, m, "its snapshots were not looked at", Failures.messageOf(e));
          }
        });
    List<String> backups = List.copyOf(membersByBackup.keySet());
    for (int from = 0; from < backups.size(); from += PAGE) {
      List<String> page = backups.subList(from, Math.min(from + PAGE, backups.size()));
      Map<String, Kept> kept =
          RecoveryStubs.recovery("read what the manifests record").kept(cluster, List.copyOf(page));
      for (String backup : page) {
        sweep(backup, kept.get(backup), membersByBackup.get(backup), deleteStrays);
      }
    }
  }

  /** Somebody, or a broken disk, took what a manifest promises; nobody can mend that here. */
  private void lost(String member, List<String> present) {
    RecoveryStubs.recovery("hold the snapshots of %s against the manifests".formatted(member))
        .lost(cluster, member, present)
        .forEach(
            backup ->
                findings.left(
                    Kind.SNAPSHOT,
                    backup,
                    "its manifest is complete, but its snapshot of %s is not there any more"
                        .formatted(member),
                    "it cannot be restored unless that comes back (is the snapshot root mounted?); stillpoint delete-backup %s forgets it"
                        .formatted(backup)));
  }

  private void sweep(String backup, Kept kept, List<String> members, boolean deleteStrays) {
    if (kept == null || kept.untouchable()) {
      return;
    }
    if (!kept.known() && !deleteStrays) {
      findings.left(
          Kind.SNAPSHOT,
          backup,
          "snapshots of " + String.join(", ", new TreeSet<>(members)) + " without a manifest",
          "left alone, for the catalog may be the wrong one; --delete-strays deletes them");
      return;
    }
    Parallel.forEach(members, m -> sweepAgent(SnapshotType.DIRECTORY, backup, m, kept.ids()));
  }

  private void sweepAgent(SnapshotType type, String backup, String member, List<String> keep) {
    try {
      SweepRequest request =
          new SweepRequest(type, cluster, backup, member, keep, findings.dryRun());
      report(RecoveryStubs.agent("remove strays of", member).sweep(request), backup);
    } catch (TemporalFailure e) {
      // A dead agent must not hold up what can be mended; it is found again with the next look.
      findings.left(
          Kind.SNAPSHOT,
          member,
          "what is left of backup '%s' there was not removed".formatted(backup),
          Failures.messageOf(e));
    }
  }

  private void sweepControl(SnapshotType type, String backup, List<String> keep) {
    try {
      SweepRequest request = new SweepRequest(type, cluster, backup, "", keep, findings.dryRun());
      report(RecoveryStubs.control("remove what is left of " + backup).sweep(request), backup);
    } catch (TemporalFailure e) {
      findings.failed(
          Kind.SNAPSHOT,
          backup,
          "what is left of it in the cloud was not removed",
          Failures.messageOf(e));
    }
  }

  private void report(List<String> ids, String backup) {
    for (String id : ids) {
      findings.add(
          Kind.SNAPSHOT,
          id,
          "a snapshot of backup '%s' that no manifest records".formatted(backup),
          findings.dryRun() ? "would delete it" : "deleted it",
          findings.dryRun() ? Outcome.WOULD_MEND : Outcome.MENDED);
    }
  }
}
