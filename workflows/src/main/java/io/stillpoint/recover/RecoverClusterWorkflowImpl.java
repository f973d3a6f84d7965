package io.stillpoint.recover;

import io.stillpoint.activity.RecoveryActivities.Leftovers;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.lock.ClusterLock;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.policy.Inputs;
import io.stillpoint.recover.Finding.Kind;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.util.List;
import java.util.Optional;

/** Hosts first, for without them there is no cluster to ask; then what hangs on the cluster. */
public final class RecoverClusterWorkflowImpl implements RecoverClusterWorkflow {

  private static final String EXAMPLE = "{\"cluster\":\"NAME\"}";

  private Findings findings = new Findings(false);

  @Override
  public RecoverClusterResult recover(Object typed) {
    RecoverClusterRequest request =
        Inputs.read(typed, RecoverClusterRequest.class, "the recovery's input", EXAMPLE);
    require(request);
    findings = new Findings(request.dryRun());
    ClusterLock lock = ClusterLock.acquire(request.cluster());
    try {
      if (lock.wasStale()) {
        findings.add(
            Kind.LOCK,
            request.cluster(),
            "the cluster was locked by an operation that has ended",
            "ended the lock",
            Finding.Outcome.MENDED);
      }
      mend(request);
    } finally {
      lock.release();
    }
    return new RecoverClusterResult(request.cluster(), request.dryRun(), findings.all());
  }

  private static void require(RecoverClusterRequest request) {
    String cluster = request == null ? null : request.cluster();
    Inputs.require("cluster", cluster, "the recovery's input", EXAMPLE);
    Inputs.refuseUnknown(
        request.unknown(), "the recovery's input", "cluster, dryRun, releaseOld, deleteStrays");
  }

  private void mend(RecoverClusterRequest request) {
    String cluster = request.cluster();
    Leftovers left = RecoveryStubs.recovery("read what was recorded").look(cluster);
    RestoreMending restores = new RestoreMending(cluster, findings);
    boolean up = true;
    for (RestoreMark mark : left.restores()) {
      up &= restores.undo(mark);
    }
    publish();
    if (!up) {
      findings.left(
          Kind.CLUSTER,
          cluster,
          "it is not up until its restore is undone",
          "cursors, balancer and snapshots were not looked at");
      return;
    }
    Optional<ClusterTopology> topology = topology(cluster);
    if (topology.isEmpty()) {
      return;
    }
    restores.unmarked(topology.get(), request.releaseOld());
    new Mending(cluster, findings).run(left, topology.get());
    new Sweeping(cluster, findings).sweepDirectories(topology.get(), request.deleteStrays());
    publish();
  }

  private Optional<ClusterTopology> topology(String cluster) {
    try {
      return Optional.of(RecoveryStubs.topology("read the topology").read(cluster));
    } catch (TemporalFailure e) {
      if (Failures.codeOf(e) == ErrorCode.CLUSTER_UNKNOWN) {
        throw e;
      }
      findings.failed(Kind.CLUSTER, cluster, "it could not be read", Failures.messageOf(e));
      return Optional.empty();
    }
  }

  private void publish() {
    StringBuilder text = new StringBuilder();
    findings.all().forEach(f -> text.append("- ").append(f.line()).append('\n'));
    Workflow.setCurrentDetails(text.toString());
  }

  @Override
  public List<Finding> findings() {
    return findings.all();
  }
}
