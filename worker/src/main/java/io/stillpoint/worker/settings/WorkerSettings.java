package io.stillpoint.worker.settings;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.notification.Webhook;
import io.stillpoint.retention.RetentionPolicy;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that a worker is told at its start.
 *
 * @param identity what Temporal shows as the worker's name; empty for role@host:pid
 * @param node present exactly for the role node
 * @param ebs absent unless EBS is used
 * @param gce absent unless Compute Engine is used
 * @param webhooks that hear of backups, by name
 * @param httpToken absent unless the HTTP endpoint is on
 */
public record WorkerSettings(
    Set<Role> roles,
    Optional<String> identity,
    CatalogPlace catalog,
    Map<String, ClusterEntry> clusters,
    Optional<NodeEntry> node,
    Optional<EbsEntry> ebs,
    Optional<GceEntry> gce,
    TemporalEntry temporal,
    Timing timing,
    Health health,
    Map<String, Webhook> webhooks,
    Optional<HttpToken> httpToken,
    int activitySlots) {
  public WorkerSettings {
    roles = Set.copyOf(roles);
    webhooks = Map.copyOf(webhooks);
    clusters = Map.copyOf(new TreeMap<>(clusters));
    if (roles.contains(Role.CONTROL) && clusters.isEmpty()) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "a control worker needs a cluster, but stillpoint.clusters is empty",
          "add stillpoint.clusters.<name>.uri, or use roles: [node]");
    }
    if (roles.contains(Role.NODE)
        && node.map(n -> n.members().isEmpty() && n.routers().isEmpty()).orElse(true)) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "a node agent needs a member, but stillpoint.node.members is empty",
          "add the members that run on this host, or use roles: [control]");
    }
  }

  /** The retention of a cluster; {@link RetentionPolicy#NONE} for one that has none. */
  public RetentionPolicy retention(String cluster) {
    ClusterEntry entry = clusters.get(cluster);
    return entry == null ? RetentionPolicy.NONE : entry.retention();
  }

  public boolean has(Role role) {
    return roles.contains(role);
  }
}
