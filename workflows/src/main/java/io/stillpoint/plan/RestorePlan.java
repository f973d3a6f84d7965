package io.stillpoint.plan;

import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.ReplicaSetRole;
import java.util.List;
import java.util.Map;

/**
 * What a restore will do to each set.
 *
 * @param foreign the backup is of another cluster than the one whose data it replaces
 * @param elsewhere hosts or set names differ from the backup's, so documents that name them are
 *     rewritten during recovery
 * @param configServer connection string of the target's config server; empty if not sharded
 * @param shardHosts connection string by the target's shard id, for config.shards; empty unless
 *     elsewhere
 * @param shardIds the target's shard id by the backup's, where they differ
 */
public record RestorePlan(
    List<SetRestore> sets,
    boolean foreign,
    boolean elsewhere,
    String configServer,
    Map<String, String> shardHosts,
    Map<String, String> shardIds,
    List<String> warnings) {

  public RestorePlan {
    sets = List.copyOf(sets);
    shardHosts = Map.copyOf(shardHosts);
    shardIds = Map.copyOf(shardIds);
    warnings = List.copyOf(warnings);
  }

  /**
   * @param shardId the target's
   * @param members addresses of the members that hold data; each gets the source's data
   * @param newestTerm no election that applications can have heard of is newer; 0 if unknown
   * @param preferred the member that should become primary afterwards
   */
  public record SetRestore(
      String set,
      String shardId,
      ReplicaSetRole role,
      ManifestSet source,
      List<String> members,
      long newestTerm,
      String preferred) {

    public SetRestore {
      members = List.copyOf(members);
    }

    public String line() {
      return "%s: replace the data of %s by the copy of %s taken from %s%s"
          .formatted(
              set,
              String.join(", ", members),
              source.set(),
              source.member(),
              renamed() ? "; shard id '%s' becomes '%s'".formatted(source.shardId(), shardId) : "");
    }

    /** Whether the data gets another shard id. */
    boolean renamed() {
      return role.isShard() && !shardId.equals(source.shardId());
    }
  }

  /** All members that get new data. */
  public List<MemberRestore> members() {
    return sets.stream()
        .flatMap(s -> s.members().stream().map(m -> new MemberRestore(s, m)))
        .toList();
  }

  public record MemberRestore(SetRestore set, String member) {}
}
