package io.stillpoint.plan;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.ReplicaSetState;
import io.stillpoint.plan.RestorePlan.SetRestore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Holds a manifest against the target cluster before anything is touched, and says what will be
 * done. Decides from what it is given.
 */
public final class RestorePlanner {

  /** Between the plan and the stop: staging takes hours, and a person may confirm after days. */
  private static final int ELECTIONS_MEANWHILE = 1000;

  private RestorePlanner() {}

  /**
   * @param map target set or shard by source set or shard, where they differ
   * @param targetNamed a person named the target, which need not be the cluster that was backed up
   * @throws StillpointException BACKUP_NOT_COMPLETE, BAD_INPUT, TOPOLOGY_MISMATCH, REMAP_UNSAFE
   */
  public static RestorePlan plan(
      Manifest manifest, ClusterTopology target, Map<String, String> map, boolean targetNamed) {
    requireComplete(manifest);
    boolean foreign = isForeign(manifest, target, targetNamed);
    requireSameShape(manifest, target);
    List<SetRestore> sets = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    boolean elsewhere = false;
    for (SetPairing.Pair pair : SetPairing.of(manifest, target, map)) {
      ReplicaSetState set = pair.target();
      requireData(set);
      requireVotes(set);
      elsewhere |= !set.name().equals(pair.source().set()) || !sameHosts(pair.source(), set);
      sets.add(
          new SetRestore(
              set.name(),
              set.shardId(),
              set.role(),
              pair.source(),
              set.dataMembers().stream().map(MemberState::address).toList(),
              set.term() == 0 ? 0 : set.term() + ELECTIONS_MEANWHILE,
              preferred(set)));
      for (MemberState member : set.members()) {
        if (member.arbiter()) {
          warnings.add("%s: the arbiter %s is left alone".formatted(set.name(), member.address()));
        }
      }
    }
    Map<String, String> shardIds = ShardIds.changed(manifest, sets, warnings);
    elsewhere |= !shardIds.isEmpty();
    if (elsewhere) {
      requireSafeRemap(manifest);
      warnings.add("hosts or names differ from the backup's and are rewritten");
    }
    if (target.sharded() && target.routers().isEmpty()) {
      warnings.add("no mongos is configured for this cluster: restart every mongos afterwards");
    }
    return new RestorePlan(
        sets,
        foreign,
        elsewhere,
        target.configServer().map(RestorePlanner::connectionString).orElse(""),
        elsewhere ? shardHosts(target) : Map.of(),
        shardIds,
        warnings);
  }

  /**
   * Holds what the node agents say against the plan.
   *
   * @throws StillpointException VERSION_MISMATCH, DISK_FULL, AGENT_REFUSED
   */
  public static void check(
      RestorePlan plan, Map<String, NodeReport> reports, String restore, boolean copies) {
    for (RestorePlan.MemberRestore m : plan.members()) {
      NodeReport report = reports.get(m.member());
      ManifestSet source = m.set().source();
      if (!majorOf(source.serverVersion()).equals(majorOf(report.mongodVersion()))) {
        throw new StillpointException(
            ErrorCode.VERSION_MISMATCH,
            "the backup of %s is of server %s, but %s would start %s"
                .formatted(
                    source.set(), source.serverVersion(), m.member(), report.mongodVersion()),
            "install the same major version on the target, or choose another backup");
      }
      if (!report.unfinishedRestore().isEmpty() && !report.unfinishedRestore().equals(restore)) {
        throw new StillpointException(
            ErrorCode.AGENT_REFUSED,
            "%s still holds data of restore '%s'".formatted(m.member(), report.unfinishedRestore()),
            "see what it left with: stillpoint recover --cluster NAME --dry-run; --release-old deletes the data that a verified restore keeps");
      }
      boolean exchanged =
          !source.snapshots().isEmpty()
              && source.snapshots().stream()
                  .allMatch(s -> report.exchangesVolumes().contains(s.provider()));
      if (copies && !exchanged && report.freeBytes() < source.files().bytes()) {
        throw new StillpointException(
            ErrorCode.DISK_FULL,
            "%s has %d bytes free, the copy of %s needs %d beside the live data"
                .formatted(m.member(), report.freeBytes(), source.set(), source.files().bytes()),
            "free space under " + report.dbPath());
      }
    }
  }

  private static void requireComplete(Manifest manifest) {
    if (manifest.status() != OperationStatus.COMPLETED || manifest.consistentPoint().isEmpty()) {
      throw new StillpointException(
          ErrorCode.BACKUP_NOT_COMPLETE,
          "backup '%s' is %s, only a COMPLETED one can be restored"
              .formatted(manifest.backup(), manifest.status()),
          "list the backups with: stillpoint list");
    }
  }

  /** A catalog may hold backups of another installation's cluster of the same name. */
  /**
   * Refuses a plan that time has overtaken.
   *
   * @throws StillpointException TOPOLOGY_MISMATCH if sets or members were added or removed
   */
  public static void requireUnchanged(RestorePlan plan, ClusterTopology now) {
    Map<String, Set<String>> planned = new TreeMap<>();
    plan.sets().forEach(s -> planned.put(s.set(), new TreeSet<>(s.members())));
    Map<String, Set<String>> found = new TreeMap<>();
    now.replicaSets()
        .forEach(
            s ->
                found.put(
                    s.name(),
                    s.dataMembers().stream()
                        .map(MemberState::address)
                        .collect(Collectors.toCollection(TreeSet::new))));
    if (!planned.equals(found)) {
      throw new StillpointException(
          ErrorCode.TOPOLOGY_MISMATCH,
          "the members of cluster '%s' were changed since the restore was planned: then %s, now %s"
              .formatted(now.cluster(), planned, found),
          "nothing was stopped; start the restore again, and let the members be until it ends");
    }
  }

  private static boolean isForeign(Manifest manifest, ClusterTopology target, boolean targetNamed) {
    boolean known = !manifest.clusterId().isEmpty() && !target.clusterId().isEmpty();
    boolean otherId = known && !manifest.clusterId().equals(target.clusterId());
    if (otherId && !targetNamed) {
      throw new StillpointException(
          ErrorCode.TOPOLOGY_MISMATCH,
          "backup '%s' was taken from another cluster (id %s) than '%s' is now (id %s)"
              .formatted(
                  manifest.backup(), manifest.clusterId(), target.cluster(), target.clusterId()),
          "if its data shall replace that of this cluster, say so with: --cluster "
              + target.cluster());
    }
    return otherId || !manifest.cluster().equals(target.cluster());
  }

  private static void requireSameShape(Manifest manifest, ClusterTopology target) {
    if (manifest.sharded() != target.sharded()
        || manifest.sets().size() != target.replicaSets().size()) {
      throw new StillpointException(
          ErrorCode.TOPOLOGY_MISMATCH,
          "backup '%s' has %d sets (%s), cluster '%s' has %d (%s)"
              .formatted(
                  manifest.backup(),
                  manifest.sets().size(),
                  String.join(", ", manifest.sets().stream().map(ManifestSet::set).toList()),
                  target.cluster(),
                  target.replicaSets().size(),
                  String.join(
                      ", ", target.replicaSets().stream().map(ReplicaSetState::name).toList())),
          "restore onto a cluster with the same number of shards");
    }
  }

  private static void requireData(ReplicaSetState set) {
    if (set.dataMembers().isEmpty()) {
      throw new StillpointException(
          ErrorCode.TOPOLOGY_MISMATCH,
          "the target's set '%s' has no member that holds data".formatted(set.name()),
          "add a member to it, or map the backup's set to another one with --map");
    }
  }

  /** An arbiter votes for nobody whose data ends before what it remembers (measured on 4.4.6-8). */
  private static void requireVotes(ReplicaSetState set) {
    int data = set.dataMembers().size();
    int all = set.members().size();
    if (2 * data <= all) {
      throw new StillpointException(
          ErrorCode.TOPOLOGY_MISMATCH,
          ("the target's set '%s' could elect no primary after the restore: only %d of its %d members"
                  + " hold data, and arbiters do not vote for data of the past")
              .formatted(set.name(), data, all),
          "remove an arbiter first, rs.remove(\"HOST:PORT\"), and add it again afterwards");
    }
  }

  /** Replay would overwrite the rewritten hosts, and the restored cluster would call the source. */
  private static void requireSafeRemap(Manifest manifest) {
    for (ManifestSet set : manifest.sets()) {
      // Without shards only local.system.replset is rewritten, which is never replayed.
      if (manifest.sharded() && set.registryWritten()) {
        throw new StillpointException(
            ErrorCode.REMAP_UNSAFE,
            "shards were added or changed just before the consistent point of backup '%s' (%s)"
                .formatted(manifest.backup(), set.set()),
            "restore it onto its own hosts, or take a newer backup for other hosts");
      }
    }
  }

  private static boolean sameHosts(ManifestSet source, ReplicaSetState target) {
    Set<String> before = new TreeSet<>(source.hosts());
    Set<String> now =
        target.members().stream()
            .map(MemberState::address)
            .collect(Collectors.toCollection(TreeSet::new));
    return before.equals(now);
  }

  private static String preferred(ReplicaSetState set) {
    return set.primary()
        .or(() -> set.dataMembers().stream().max(Comparator.comparingDouble(MemberState::priority)))
        .map(MemberState::address)
        .orElseThrow();
  }

  private static Map<String, String> shardHosts(ClusterTopology target) {
    SortedMap<String, String> hosts = new TreeMap<>();
    for (ReplicaSetState set : target.replicaSets()) {
      if (set.role().isShard()) {
        hosts.put(set.shardId(), connectionString(set));
      }
    }
    return hosts;
  }

  private static String connectionString(ReplicaSetState set) {
    return set.name()
        + "/"
        + set.dataMembers().stream()
            .filter(m -> !m.hidden())
            .map(MemberState::address)
            .collect(Collectors.joining(","));
  }

  private static String majorOf(String version) {
    String[] parts = version.split("\\.");
    return parts.length < 2 ? version : parts[0] + "." + parts[1];
  }
}
