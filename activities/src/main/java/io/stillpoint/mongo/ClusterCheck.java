package io.stillpoint.mongo;

import io.stillpoint.activity.CheckActivities.Examination;
import io.stillpoint.check.CheckItem;
import io.stillpoint.check.LeastPrivileges;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.ReplicaSetState;
import io.stillpoint.plan.BackupPlanner;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Examines everything about a cluster that can be seen over the network. Changes nothing, and opens
 * no cursor: whether a server has the stages is told by how it refuses a malformed one.
 */
public final class ClusterCheck {

  private record Asked(ReplicaSetState set, MemberState member) {}

  private final MongoConnections connections;
  private final ParallelCalls calls;
  private final TopologyReader topologies;
  private final Balancer balancer;
  private final ServerCheck servers;

  public ClusterCheck(
      MongoConnections connections, ParallelCalls calls, Balancer balancer, Clock clock) {
    this.connections = connections;
    this.calls = calls;
    this.topologies = new TopologyReader(connections, calls);
    this.balancer = balancer;
    this.servers = new ServerCheck(clock);
  }

  /**
   * @throws StillpointException CLUSTER_UNKNOWN; everything else becomes an item
   */
  public Examination examine(String cluster) {
    requireConfigured(cluster);
    ClusterTopology topology;
    try {
      topology = topologies.read(cluster);
    } catch (StillpointException e) {
      List<CheckItem> items = new ArrayList<>(List.of(CheckItem.notOk("topology", cluster, e)));
      items.addAll(seeds(cluster));
      return new Examination(items, Optional.empty());
    }
    List<CheckItem> items = new ArrayList<>();
    topology.replicaSets().forEach(set -> items.addAll(members(set)));
    items.add(versions(topology));
    items.addAll(inFlight(topology));
    items.addAll(answering(cluster, topology));
    items.addAll(balancer(topology));
    return new Examination(items, Optional.of(topology));
  }

  /**
   * @throws StillpointException CLUSTER_UNKNOWN
   */
  public void requireConfigured(String cluster) {
    connections.settings(cluster);
  }

  /** A user that may not even read the topology is told all that he lacks, not just the first. */
  private List<CheckItem> seeds(String cluster) {
    return calls.map(
        connections.seeds(cluster),
        seed -> servers.privileges(connections.server(cluster, seed), LeastPrivileges.onMember()));
  }

  private static List<CheckItem> members(ReplicaSetState set) {
    List<CheckItem> items = new ArrayList<>();
    String primary = set.primary().map(MemberState::address).orElse("");
    items.add(
        primary.isEmpty()
            ? CheckItem.notOk(
                "primary",
                set.name(),
                ErrorCode.CLUSTER_NOT_QUIET,
                "the set has no primary",
                "wait until it has elected one, or look at its members' logs")
            : CheckItem.ok("primary", set.name(), primary));
    set.dataMembers().forEach(member -> items.add(member(set, member)));
    return items;
  }

  private static CheckItem member(ReplicaSetState set, MemberState member) {
    String what = "member";
    if (!member.isReadable()) {
      return CheckItem.notOk(
          what,
          member.address(),
          ErrorCode.NO_SUITABLE_MEMBER,
          "it is %s; a restore needs every member of %s".formatted(member.state(), set.name()),
          "start it, or look at its log");
    }
    if (!member.backupCursors()) {
      return CheckItem.notOk(
          what,
          member.address(),
          ErrorCode.STAGES_MISSING,
          "its server %s does not have $backupCursor".formatted(member.version()),
          "Stillpoint needs Percona Server for MongoDB 4.4.6 or later");
    }
    if (member.delaySeconds() == 0 && member.lagSeconds() >= BackupPlanner.MAX_LAG_SECONDS) {
      return CheckItem.notOk(
          what,
          member.address(),
          ErrorCode.NO_SUITABLE_MEMBER,
          "it is %d s behind, the limit is %d s"
              .formatted(member.lagSeconds(), BackupPlanner.MAX_LAG_SECONDS),
          "wait until it has caught up");
    }
    return CheckItem.ok(
        what,
        member.address(),
        "%s %s, %d s behind".formatted(member.state(), member.version(), member.lagSeconds()));
  }

  private static CheckItem versions(ClusterTopology topology) {
    String what = "versions";
    TreeSet<String> servers = new TreeSet<>();
    TreeSet<String> features = new TreeSet<>();
    for (ReplicaSetState set : topology.replicaSets()) {
      set.dataMembers().stream()
          .map(MemberState::version)
          .filter(v -> !v.isEmpty())
          .forEach(servers::add);
      features.add(set.featureCompatibilityVersion());
      if (set.featureCompatibilityChanging()) {
        features.add("changing on " + set.name());
      }
    }
    if (features.size() > 1) {
      return CheckItem.notOk(
          what,
          topology.cluster(),
          ErrorCode.FEATURE_VERSION_CHANGING,
          "feature compatibility versions differ: " + String.join(", ", features),
          "finish setFeatureCompatibilityVersion on the whole cluster first");
    }
    if (servers.size() > 1) {
      return CheckItem.notOk(
          what,
          topology.cluster(),
          ErrorCode.VERSION_MISMATCH,
          "the members run different versions: " + String.join(", ", servers),
          "finish the upgrade of the servers");
    }
    return CheckItem.ok(
        what,
        topology.cluster(),
        "servers %s, feature compatibility %s"
            .formatted(String.join(", ", servers), String.join(", ", features)));
  }

  private static List<CheckItem> inFlight(ClusterTopology topology) {
    return topology.inFlight().stream()
        .map(
            sentence ->
                CheckItem.notOk(
                    "in flight",
                    topology.cluster(),
                    ErrorCode.CLUSTER_NOT_QUIET,
                    sentence,
                    "a backup waits for it; see what it is with sh.status()"))
        .toList();
  }

  private List<CheckItem> answering(String cluster, ClusterTopology topology) {
    List<Asked> asked =
        topology.replicaSets().stream()
            .flatMap(
                s ->
                    s.dataMembers().stream()
                        .filter(MemberState::isReadable)
                        .map(m -> new Asked(s, m)))
            .toList();
    List<CheckItem> items = new ArrayList<>();
    calls
        .map(
            asked,
            a ->
                servers.member(
                    connections.server(cluster, a.member().address()),
                    a.set().name(),
                    a.set().role()))
        .forEach(items::addAll);
    calls
        .map(topology.routers(), r -> servers.router(connections.server(cluster, r)))
        .forEach(items::addAll);
    return items;
  }

  private List<CheckItem> balancer(ClusterTopology topology) {
    if (!topology.sharded()) {
      return List.of();
    }
    try {
      BalancerSettings settings = balancer.read(topology.cluster());
      return List.of(
          CheckItem.ok(
              "balancer",
              topology.cluster(),
              settings.enabled()
                  ? "on; a backup stops it for a moment"
                  : "off; a backup leaves it so"));
    } catch (StillpointException e) {
      return List.of(CheckItem.notOk("balancer", topology.cluster(), e));
    }
  }
}
