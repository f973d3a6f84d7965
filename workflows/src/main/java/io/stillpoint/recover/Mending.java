package io.stillpoint.recover;

import io.stillpoint.activity.RecoveryActivities.DeadBackup;
import io.stillpoint.activity.RecoveryActivities.LeftCursor;
import io.stillpoint.activity.RecoveryActivities.Leftovers;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.policy.Parallel;
import io.stillpoint.recover.Finding.Kind;
import io.stillpoint.recover.Finding.Outcome;
import io.temporal.failure.TemporalFailure;
import java.util.List;

/**
 * Mends what a dead backup left on a cluster that is up: cursors, the balancer, the manifest that
 * still says RUNNING, and what was cut. The caller holds the cluster's lock.
 */
public final class Mending {

  private final String cluster;
  private final Findings findings;

  Mending(String cluster, Findings findings) {
    this.cluster = cluster;
    this.findings = findings;
  }

  /**
   * What an operation does before its own work. What a dead backup left is mended; a restore that
   * is half done is a person's to decide about.
   *
   * @return one line for each thing that was found
   * @throws io.temporal.failure.ApplicationFailure RECOVERY_NEEDED if a restore was left half done,
   *     or something could not be mended
   */
  public static List<String> beforeOperation(
      String cluster, Leftovers left, ClusterTopology topology) {
    Findings findings = new Findings(false);
    new Mending(cluster, findings).run(left, topology);
    findings.all().stream()
        .filter(f -> f.outcome() == Outcome.FAILED)
        .findFirst()
        .ifPresent(
            f -> {
              throw needed(cluster, f.line());
            });
    return findings.all().stream().map(Finding::line).toList();
  }

  /**
   * @throws io.temporal.failure.ApplicationFailure RECOVERY_NEEDED if a restore was left half done
   */
  public static void requireNoDeadRestore(String cluster, Leftovers left) {
    left.restores().stream()
        .findFirst()
        .ifPresent(
            r -> {
              throw needed(
                  cluster,
                  "restore '%s' of cluster '%s' ended without being verified or undone"
                      .formatted(r.restore(), cluster));
            });
  }

  void run(Leftovers left, ClusterTopology topology) {
    Parallel.forEach(members(topology), this::cursors);
    if (left.balancer()) {
      balancer();
    }
    Parallel.forEach(left.backups(), b -> backup(b, topology));
  }

  private void cursors(String member) {
    List<LeftCursor> found;
    try {
      found =
          RecoveryStubs.recovery("look for abandoned cursors on " + member)
              .cursors(cluster, member, !findings.dryRun());
    } catch (TemporalFailure e) {
      findings.failed(
          Kind.CURSOR, member, "it could not be asked for cursors", Failures.messageOf(e));
      return;
    }
    for (LeftCursor c : found) {
      String what =
          "backup cursor of '%s', unused for %d s".formatted(c.operation(), c.idleMillis() / 1000);
      if (c.closed()) {
        findings.add(Kind.CURSOR, member, what, "closed it", Outcome.MENDED);
      } else if (findings.dryRun()) {
        findings.add(Kind.CURSOR, member, what, "would close it", Outcome.WOULD_MEND);
      } else {
        findings.left(Kind.CURSOR, member, what, "it was gone before it could be closed");
      }
    }
  }

  private void balancer() {
    String found = "the balancer's settings were saved and never given back";
    try {
      String done =
          RecoveryStubs.recovery("give the balancer back")
              .giveBalancerBack(cluster, findings.dryRun());
      Outcome outcome = findings.dryRun() ? Outcome.WOULD_MEND : Outcome.MENDED;
      findings.add(Kind.BALANCER, cluster, found, done, outcome);
    } catch (TemporalFailure e) {
      findings.failed(Kind.BALANCER, cluster, found, Failures.messageOf(e));
    }
  }

  private void backup(DeadBackup dead, ClusterTopology topology) {
    if (dead.type().automatic()) {
      new Sweeping(cluster, findings).sweep(dead.type(), dead.backup(), List.of(), topology);
    }
    // Last: as long as it says RUNNING, its snapshots are known to be nobody's.
    findings.mend(
        Kind.BACKUP,
        dead.backup(),
        "its manifest says RUNNING, but its workflow has ended",
        "record it as FAILED",
        () ->
            RecoveryStubs.catalog("record the end of " + dead.backup())
                .end(
                    dead.backup(),
                    dead.owner(),
                    OperationStatus.FAILED,
                    "its workflow ended without cleaning up; what it left was removed later"));
  }

  /** Those that answer: one that does not run holds no cursor. */
  static List<String> members(ClusterTopology topology) {
    return topology.replicaSets().stream()
        .flatMap(s -> s.members().stream())
        .filter(m -> !m.arbiter() && !m.version().isEmpty())
        .map(MemberState::address)
        .toList();
  }

  /** What to tell who finds a restore half done. */
  public static TemporalFailure needed(String cluster, String what) {
    return Failures.of(
        ErrorCode.RECOVERY_NEEDED,
        what,
        "see what there is with: stillpoint recover --cluster %s --dry-run; then mend it without --dry-run"
            .formatted(cluster));
  }
}
