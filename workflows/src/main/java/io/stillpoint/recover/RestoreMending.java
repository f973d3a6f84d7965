package io.stillpoint.recover;

import io.stillpoint.activity.NodeActivities.MemberRequest;
import io.stillpoint.activity.NodeActivities.UnfinishedRestore;
import io.stillpoint.activity.RecoveryActivities.MarkedSet;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.backup.Agents;
import io.stillpoint.error.Failures;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.ReplicaSetState;
import io.stillpoint.policy.Parallel;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.recover.Finding.Kind;
import io.stillpoint.recover.Finding.Outcome;
import io.stillpoint.restore.PutBack;
import io.temporal.failure.TemporalFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts the old data back after a restore that nobody verified. A restore that was verified and only
 * keeps its old data is told apart by its mark, which goes before anything is released.
 */
final class RestoreMending {

  private final String cluster;
  private final Findings findings;

  RestoreMending(String cluster, Findings findings) {
    this.cluster = cluster;
    this.findings = findings;
  }

  /** Returns whether the cluster can be expected to be up afterwards. */
  boolean undo(RestoreMark mark) {
    // Found on the members only, it does not say of which backup it was.
    String found =
        "restore%s ended without being verified or undone"
            .formatted(mark.backup().isEmpty() ? "" : " of '%s'".formatted(mark.backup()));
    Map<String, UnfinishedRestore> states = new TreeMap<>();
    List<String> silent = look(members(mark), states);
    if (!silent.isEmpty()) {
      findings.failed(
          Kind.RESTORE,
          mark.restore(),
          found,
          "no node agent answers for %s, and no member may start before all have their old data back; start the agents, then recover again"
              .formatted(String.join(", ", silent)));
      return false;
    }
    boolean touched = states.values().stream().anyMatch(s -> s.touched());
    boolean stopped = states.values().stream().anyMatch(s -> !s.running());
    List<String> notes = new ArrayList<>();
    Map<String, String> down = new TreeMap<>();
    String what =
        touched
            ? "put the old data back on %s and start it"
                .formatted(String.join(", ", states.keySet()))
            : "drop what it had staged" + (stopped ? " and start what it had stopped" : "");
    findings.mend(
        Kind.RESTORE,
        mark.restore(),
        found,
        what,
        () -> {
          PutBack back = new PutBack(cluster, mark, notes::add, (member, state) -> {});
          List<String> failed = touched ? back.run() : back.dropStages();
          down.putAll(back.notUp());
          if (!failed.isEmpty()) {
            throw undone(mark, failed, notes);
          }
          if (!mark.operation().isEmpty()) {
            RecoveryStubs.recovery("forget restore " + mark.restore())
                .unmark(cluster, mark.operation());
          }
        });
    down.forEach(
        (set, why) ->
            findings.failed(Kind.CLUSTER, set, "it has its old data, but is not up", why));
    boolean mended =
        findings.all().stream()
            .noneMatch(f -> f.kind() == Kind.RESTORE && f.outcome() == Outcome.FAILED);
    return findings.dryRun() ? !touched && !stopped : mended;
  }

  /**
   * Looks for restores of which the catalog has no mark: verified ones that keep their old data,
   * and remains of others.
   */
  void unmarked(ClusterTopology topology, boolean releaseOld) {
    List<String> all =
        topology.replicaSets().stream()
            .flatMap(s -> s.members().stream())
            .filter(m -> !m.arbiter())
            .map(MemberState::address)
            .toList();
    Map<String, UnfinishedRestore> states = new TreeMap<>();
    List<String> silent = look(all, states);
    if (!silent.isEmpty()) {
      findings.left(
          Kind.RESTORE,
          String.join(", ", silent),
          "no node agent answers there",
          "not looked at; restores and directory copies need one");
    }
    Map<String, Map<String, UnfinishedRestore>> byRestore = new LinkedHashMap<>();
    states.forEach(
        (member, state) -> {
          if (!state.restore().isEmpty()) {
            byRestore.computeIfAbsent(state.restore(), k -> new TreeMap<>()).put(member, state);
          }
        });
    byRestore.forEach((restore, members) -> unmarked(restore, members, topology, releaseOld));
  }

  private void unmarked(
      String restore,
      Map<String, UnfinishedRestore> members,
      ClusterTopology topology,
      boolean releaseOld) {
    if (members.values().stream().allMatch(UnfinishedRestore::recovered)) {
      oldData(restore, List.copyOf(members.keySet()), releaseOld);
      return;
    }
    List<MarkedSet> sets =
        topology.replicaSets().stream().map(s -> marked(s, members.keySet())).toList();
    undo(
        new RestoreMark(
            "",
            restore,
            "",
            sets.stream().filter(s -> !s.members().isEmpty()).toList(),
            topology.routers()));
  }

  private static MarkedSet marked(ReplicaSetState set, java.util.Set<String> members) {
    List<String> own =
        set.members().stream().map(MemberState::address).filter(members::contains).toList();
    return new MarkedSet(set.name(), set.role(), own.isEmpty() ? "" : own.get(0), own);
  }

  /** A verified restore's old data: never put back, and deleted only when asked for. */
  private void oldData(String restore, List<String> members, boolean releaseOld) {
    String found = "the data that it replaced is kept on " + String.join(", ", members);
    String keeper = WorkflowIds.release(restore);
    boolean kept = RecoveryStubs.recovery("ask for " + keeper).isRunning(keeper);
    if (!releaseOld) {
      findings.left(
          Kind.OLD_DATA,
          restore,
          found,
          kept
              ? "workflow %s will delete it; --release-old deletes it now".formatted(keeper)
              : "the restore was verified; --release-old deletes it");
    } else {
      // The workflow that keeps it finds nothing left to delete when its time comes.
      findings.mend(
          Kind.OLD_DATA,
          restore,
          found,
          "delete it",
          () ->
              Parallel.forEach(
                  members,
                  m ->
                      RecoveryStubs.undoing("delete the old data of", m)
                          .release(new MemberRequest(restore, m))));
    }
  }

  /** Fills in what the agents say; returns the members whose agent says nothing. */
  private static List<String> look(List<String> members, Map<String, UnfinishedRestore> states) {
    List<String> silent = new ArrayList<>();
    Parallel.forEach(
        members,
        m -> {
          try {
            states.put(m, RecoveryStubs.looking(m).unfinished(m));
          } catch (TemporalFailure e) {
            if (!Failures.isTimeout(e)) {
              throw Agents.unreachable(e, m);
            }
            silent.add(m);
          }
        });
    return silent;
  }

  private static List<String> members(RestoreMark mark) {
    return mark.sets().stream().flatMap(s -> s.members().stream()).toList();
  }

  private static TemporalFailure undone(RestoreMark mark, List<String> failed, List<String> notes) {
    return Failures.of(
        io.stillpoint.error.ErrorCode.UNDO_FAILED,
        "the old data of %s could not be put back or started: %s"
            .formatted(String.join(", ", failed), String.join("; ", notes)),
        "none of it is lost: what was moved aside is in <dbPath>/.stillpoint/%s/old, all else still in <dbPath>"
            .formatted(mark.restore()));
  }
}
