package io.stillpoint.plan;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.plan.RestorePlan.SetRestore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Whether shards get other ids, and whether that can be done without harm. */
final class ShardIds {

  private ShardIds() {}

  /**
   * @param warnings gets what a person should know of it
   * @return the target's id by the backup's, where they differ
   * @throws StillpointException REMAP_UNSAFE
   */
  static Map<String, String> changed(
      Manifest manifest, List<SetRestore> sets, List<String> warnings) {
    Map<String, String> changed = new TreeMap<>();
    sets.stream()
        .filter(SetRestore::renamed)
        .forEach(s -> changed.put(s.source().shardId(), s.shardId()));
    if (changed.isEmpty()) {
      return changed;
    }
    requireDisjoint(manifest, changed);
    requireDedicatedConfigServer(sets);
    requireNothingInFlight(manifest);
    warnings.add(
        "shard ids change, so every member of a shard is started three times for a moment before"
            + " its ordinary start");
    if (sets.stream().anyMatch(s -> !s.source().featureCompatibilityVersion().equals("4.4"))) {
      warnings.add(
          "the change of shard ids was measured on real servers of version 4.4 only; where you can,"
              + " add the target's shards under the ids of the backup");
    }
    return changed;
  }

  /**
   * The ids are rewritten in several places, each of which may be repeated; that is only harmless
   * while no id is both an old and a new one. It never needs to be: shards can be paired by id.
   */
  private static void requireDisjoint(Manifest manifest, Map<String, String> changed) {
    Set<String> before =
        manifest.sets().stream().map(ManifestSet::shardId).collect(Collectors.toSet());
    changed.forEach(
        (from, to) -> {
          if (before.contains(to)) {
            throw unsafe(
                "shard '%s' would become '%s', which is the id of another shard in backup '%s'"
                    .formatted(from, to, manifest.backup()),
                "pair the shards that have the same id: --map %s=%s".formatted(to, to));
          }
        });
  }

  private static void requireDedicatedConfigServer(List<SetRestore> sets) {
    if (sets.stream().anyMatch(s -> s.role().isShard() && s.role().isConfigServer())) {
      throw unsafe(
          "shard ids would change in a cluster whose config server is a shard itself",
          "add the target's shards under the ids that they have in the backup");
    }
  }

  /** Migrations and DDL coordinators name shards, and would go on with the old names. */
  private static void requireNothingInFlight(Manifest manifest) {
    for (ManifestSet set : manifest.sets()) {
      if (!set.warnings().isEmpty()) {
        throw unsafe(
            "shard ids would change, but on set '%s' of backup '%s' %s"
                .formatted(set.set(), manifest.backup(), set.warnings().get(0)),
            "use a backup without this warning, or shards with the ids of the backup");
      }
    }
  }

  private static StillpointException unsafe(String message, String hint) {
    return new StillpointException(ErrorCode.REMAP_UNSAFE, message, hint);
  }
}
