package io.stillpoint.retention;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.catalog.BackupRemoval;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.lock.ClusterLock;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Decides and deletes the oldest first, one after another, while backups and restores go on. */
public final class PruneWorkflowImpl implements PruneWorkflow {

  private static final String EXAMPLE = "{\"cluster\":\"NAME\",\"retention\":{\"keepLast\":7}}";
  private static final String AGAIN = "prune-again";
  private static final int PAGE = 300;

  /** A run of this many deletions stays far below Temporal's limit of events. */
  static final int MAX_DELETIONS = 200;

  private final ConfiguredRetention configured;
  private final Set<String> tried = new HashSet<>();
  private final List<String> deleted = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private List<RetentionDecision> decisions = List.of();
  private long bytes;

  /**
   * @param configured used by requests that bring no retention of their own
   */
  public PruneWorkflowImpl(ConfiguredRetention configured) {
    this.configured = configured;
  }

  @Override
  public PruneResult prune(Object typed) {
    PruneRequest request = Inputs.read(typed, PruneRequest.class, "the input", EXAMPLE);
    if (request == null || request.cluster() == null || request.cluster().isBlank()) {
      throw Failures.of(
          ErrorCode.BAD_INPUT,
          "the field 'cluster' is missing from the input",
          "a right one is: " + EXAMPLE);
    }
    RetentionPolicy policy = policy(request);
    if (request.dryRun()) {
      // Looking needs no lock: nothing is promised.
      decide(request.cluster(), policy);
      return result(request, policy);
    }
    ClusterLock lock = ClusterLock.acquireDeletions(request.cluster());
    try {
      boolean again =
          Workflow.getVersion(AGAIN, Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION;
      List<RetentionDecision> goners;
      do {
        decide(request.cluster(), policy);
        goners = untried();
        goners.stream().limit(MAX_DELETIONS - tried.size()).forEach(g -> delete(g.entry()));
        // Backups that ended meanwhile could not start this workflow anew.
      } while (again && !goners.isEmpty() && tried.size() < MAX_DELETIONS);
      return result(request, policy);
    } finally {
      lock.release();
    }
  }

  private RetentionPolicy policy(PruneRequest request) {
    RetentionPolicy policy = configured.chosen(request.retention(), request.cluster());
    if (policy.isEmpty()) {
      // That a cluster is unknown is the better answer than that it has no rules.
      catalog(request.cluster()).entries(request.cluster(), 0, 1);
      throw Failures.of(
          ErrorCode.BAD_INPUT,
          "no retention was given, and the workers' configuration has none for cluster '%s'"
              .formatted(request.cluster()),
          "give rules, such as --keep-last 7, or configure stillpoint.clusters.%s.retention"
              .formatted(request.cluster()));
    }
    return policy;
  }

  private static CatalogActivities catalog(String cluster) {
    return Workflow.newActivityStub(
        CatalogActivities.class, ActivityPolicies.catalog("read the catalog of " + cluster));
  }

  private void decide(String cluster, RetentionPolicy policy) {
    CatalogActivities catalog = catalog(cluster);
    List<CatalogEntry> entries = new ArrayList<>();
    List<CatalogEntry> page;
    do {
      page = catalog.entries(cluster, entries.size(), PAGE);
      entries.addAll(page);
    } while (page.size() == PAGE);
    Instant now = Instant.ofEpochMilli(Workflow.currentTimeMillis());
    List<RetentionDecision> past =
        decisions.stream().filter(d -> deleted.contains(d.entry().backup())).toList();
    decisions = new ArrayList<>(RetentionPlanner.plan(policy, entries, now));
    decisions.addAll(past);
    publish(policy);
  }

  /** Oldest first: what is left after a failure in the middle is the newer part. */
  private List<RetentionDecision> goners() {
    List<RetentionDecision> goners = new ArrayList<>();
    decisions.stream().filter(d -> !d.keep()).forEach(d -> goners.add(0, d));
    return goners;
  }

  private List<RetentionDecision> untried() {
    return goners().stream().filter(d -> !tried.contains(d.entry().backup())).toList();
  }

  private void delete(CatalogEntry entry) {
    tried.add(entry.backup());
    try {
      BackupRemoval.remove(entry.backup());
      deleted.add(entry.backup());
      bytes += entry.bytes();
    } catch (CanceledFailure e) {
      throw e;
    } catch (TemporalFailure e) {
      if (Failures.codeOf(e) == ErrorCode.CANCELLED) {
        throw e;
      }
      // One agent that is away must not keep the others' backups for ever.
      failures.add(
          "%s: %s: %s".formatted(entry.backup(), Failures.codeOf(e), Failures.messageOf(e)));
    }
  }

  private PruneResult result(PruneRequest request, RetentionPolicy policy) {
    List<RetentionDecision> left = untried();
    List<RetentionDecision> next = left.subList(0, Math.min(MAX_DELETIONS, left.size()));
    long kept = decisions.stream().filter(RetentionDecision::keep).count();
    return new PruneResult(
        request.cluster(),
        policy,
        request.dryRun(),
        (int) kept,
        request.dryRun() ? next.stream().map(d -> d.entry().backup()).toList() : deleted,
        request.dryRun() ? left.stream().mapToLong(d -> d.entry().bytes()).sum() : bytes,
        failures,
        request.dryRun() ? left.size() - next.size() : left.size());
  }

  private void publish(RetentionPolicy policy) {
    long keep = decisions.stream().filter(RetentionDecision::keep).count();
    Workflow.setCurrentDetails(
        "keeps `%s`: %d backups stay, %d go"
            .formatted(policy.words(), keep, decisions.size() - keep));
  }

  @Override
  public List<RetentionDecision> decisions() {
    return decisions;
  }
}
