package io.stillpoint.plan;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.ReplicaSetState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Decides which set of the target gets the data of which set of the backup. Pairs that a person
 * named come first; then a shard goes to the shard of the same id, a config server to the config
 * server, and the only set of a cluster that is not sharded to the only set.
 */
final class SetPairing {

  /** One decision. */
  record Pair(ManifestSet source, ReplicaSetState target) {}

  private final Manifest manifest;
  private final ClusterTopology target;
  private final Map<ManifestSet, ReplicaSetState> pairs = new LinkedHashMap<>();

  private SetPairing(Manifest manifest, ClusterTopology target) {
    this.manifest = manifest;
    this.target = target;
  }

  /**
   * @param named target set or shard by source set or shard
   * @return one pair for each set of the backup, in its order
   * @throws StillpointException BAD_INPUT for a pair that names what does not exist or twice the
   *     same, TOPOLOGY_MISMATCH for a set without a counterpart of its kind
   */
  static List<Pair> of(Manifest manifest, ClusterTopology target, Map<String, String> named) {
    SetPairing pairing = new SetPairing(manifest, target);
    new TreeMap<>(named).forEach(pairing::addNamed);
    List<Pair> pairs = new ArrayList<>();
    for (ManifestSet source : manifest.sets()) {
      ReplicaSetState set = pairing.pairs.get(source);
      if (set == null) {
        set = pairing.counterpart(source);
        pairing.add(source, set);
      }
      requireSameRole(source, set);
      pairs.add(new Pair(source, set));
    }
    return pairs;
  }

  private void addNamed(String from, String to) {
    List<ManifestSet> sources =
        manifest.sets().stream()
            .filter(s -> s.set().equals(from) || s.shardId().equals(from))
            .toList();
    requireOne(sources.size(), "backup '%s'".formatted(manifest.backup()), from, sources());
    List<ReplicaSetState> sets =
        target.replicaSets().stream()
            .filter(s -> s.name().equals(to) || s.shardId().equals(to))
            .toList();
    requireOne(sets.size(), "cluster '%s'".formatted(target.cluster()), to, targets());
    ReplicaSetState known = pairs.get(sources.get(0));
    if (known != null && !known.equals(sets.get(0))) {
      throw badInput(
          "the backup's set '%s' is mapped to '%s' and to '%s'"
              .formatted(sources.get(0).set(), known.name(), sets.get(0).name()),
          "map each set once");
    }
    if (known == null) {
      add(sources.get(0), sets.get(0));
    }
  }

  private void add(ManifestSet source, ReplicaSetState set) {
    pairs.forEach(
        (other, taken) -> {
          if (taken.equals(set)) {
            throw badInput(
                "both '%s' and '%s' of backup '%s' would go to '%s' of cluster '%s'"
                    .formatted(
                        other.set(), source.set(), manifest.backup(), set.name(), target.cluster()),
                "map each to another set with --map; the target has: " + targets());
          }
        });
    pairs.put(source, set);
  }

  private ReplicaSetState counterpart(ManifestSet source) {
    Predicate<ReplicaSetState> fits =
        switch (source.role()) {
          case REPLICA_SET -> set -> !set.role().isShard() && !set.role().isConfigServer();
          case CONFIG_SERVER, CONFIG_SHARD -> set -> set.role().isConfigServer();
          case SHARD -> set -> set.shardId().equals(source.shardId());
        };
    return target.replicaSets().stream()
        .filter(fits)
        .findFirst()
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.TOPOLOGY_MISMATCH,
                    "the backup's shard '%s' (set %s) has no counterpart in cluster '%s', which has: %s"
                        .formatted(source.shardId(), source.set(), target.cluster(), targets()),
                    "say which shard shall become it with: --map %s=TARGET_SHARD"
                        .formatted(source.shardId())));
  }

  private static void requireSameRole(ManifestSet source, ReplicaSetState set) {
    if (set.role() != source.role()) {
      throw new StillpointException(
          ErrorCode.TOPOLOGY_MISMATCH,
          "the backup's set '%s' is a %s, the target's '%s' is a %s"
              .formatted(source.set(), source.role(), set.name(), set.role()),
          "map it to a set of the same role with --map, or restore onto a cluster of the same kind");
    }
  }

  private void requireOne(int found, String where, String name, String known) {
    if (found == 0) {
      throw badInput(
          "%s has no set or shard '%s' to map".formatted(where, name), "it has: " + known);
    }
    if (found > 1) {
      throw badInput(
          "'%s' is the name of one set and the shard id of another in %s".formatted(name, where),
          "use the other name of the one that is meant; it has: " + known);
    }
  }

  private String sources() {
    return String.join(
        ", ", manifest.sets().stream().map(s -> described(s.set(), s.shardId())).toList());
  }

  private String targets() {
    return String.join(
        ", ", target.replicaSets().stream().map(s -> described(s.name(), s.shardId())).toList());
  }

  private static String described(String set, String shardId) {
    return set.equals(shardId) ? set : "%s (shard id %s)".formatted(set, shardId);
  }

  private static StillpointException badInput(String message, String hint) {
    return new StillpointException(ErrorCode.BAD_INPUT, message, hint);
  }
}
