package io.stillpoint.plan;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.ReplicaSetState;
import io.stillpoint.plan.BackupPlan.SetPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Chooses one member of each replica set. Decides from what it is given; touches nothing. */
public final class BackupPlanner {

  /** A member further behind than this would make every shard wait for it. */
  public static final long MAX_LAG_SECONDS = 20;

  private static final Comparator<MemberState> PREFERENCE =
      Comparator.comparingInt(BackupPlanner::rank)
          .thenComparingLong(MemberState::lagSeconds)
          .thenComparing(MemberState::address);

  private BackupPlanner() {}

  /**
   * @param wanted member by set, overriding the choice
   * @throws StillpointException NO_SUITABLE_MEMBER, STAGES_MISSING, FEATURE_VERSION_CHANGING,
   *     VERSION_MISMATCH, BAD_INPUT
   */
  public static BackupPlan plan(ClusterTopology topology, Map<String, String> wanted) {
    for (String set : wanted.keySet()) {
      if (topology.replicaSet(set).isEmpty()) {
        throw new StillpointException(
            ErrorCode.BAD_INPUT,
            "cluster '%s' has no replica set '%s' to choose a member of"
                .formatted(topology.cluster(), set),
            "its sets are: " + setNames(topology));
      }
    }
    requireOneFeatureVersion(topology);
    List<SetPlan> sets = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (ReplicaSetState set : topology.replicaSets()) {
      MemberState member = choose(set, Optional.ofNullable(wanted.get(set.name())));
      sets.add(
          new SetPlan(
              set.name(),
              set.shardId(),
              set.role(),
              member.address(),
              member.dbPath(),
              member.version(),
              reason(member)));
      warn(set, member, warnings);
    }
    return new BackupPlan(sets, warnings);
  }

  private static void requireOneFeatureVersion(ClusterTopology topology) {
    TreeSet<String> versions = new TreeSet<>();
    for (ReplicaSetState set : topology.replicaSets()) {
      if (set.featureCompatibilityChanging()) {
        throw new StillpointException(
            ErrorCode.FEATURE_VERSION_CHANGING,
            "replica set %s is changing its feature compatibility version from %s"
                .formatted(set.name(), set.featureCompatibilityVersion()),
            "finish setFeatureCompatibilityVersion first, then start the backup again");
      }
      versions.add(set.featureCompatibilityVersion());
    }
    if (versions.size() > 1) {
      throw new StillpointException(
          ErrorCode.FEATURE_VERSION_CHANGING,
          "the sets of cluster '%s' have different feature compatibility versions: %s"
              .formatted(topology.cluster(), String.join(", ", versions)),
          "finish setFeatureCompatibilityVersion on the whole cluster first");
    }
  }

  private static MemberState choose(ReplicaSetState set, Optional<String> wanted) {
    if (wanted.isPresent()) {
      MemberState member =
          set.members().stream()
              .filter(m -> m.address().equals(wanted.get()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new StillpointException(
                          ErrorCode.BAD_INPUT,
                          "replica set %s has no member %s".formatted(set.name(), wanted.get()),
                          "its members are: " + addresses(set)));
      Optional<String> objection = objection(member);
      if (objection.isPresent()) {
        throw new StillpointException(
            ErrorCode.NO_SUITABLE_MEMBER,
            "member %s of %s cannot be copied: %s"
                .formatted(member.address(), set.name(), objection.get()),
            "name another member, or none to have one chosen");
      }
      return member;
    }
    return set.members().stream()
        .filter(m -> objection(m).isEmpty())
        .min(PREFERENCE)
        .orElseThrow(() -> nobody(set));
  }

  private static StillpointException nobody(ReplicaSetState set) {
    List<MemberState> readable =
        set.dataMembers().stream().filter(MemberState::isReadable).toList();
    if (!readable.isEmpty() && readable.stream().noneMatch(MemberState::backupCursors)) {
      return new StillpointException(
          ErrorCode.STAGES_MISSING,
          "the servers of %s (%s) do not have $backupCursor"
              .formatted(set.name(), readable.get(0).version()),
          "Stillpoint needs Percona Server for MongoDB 4.4.6 or later");
    }
    List<String> reasons =
        set.members().stream()
            .map(m -> m.address() + ": " + objection(m).orElse("suitable"))
            .toList();
    return new StillpointException(
        ErrorCode.NO_SUITABLE_MEMBER,
        "replica set %s has no member that can be copied (%s)"
            .formatted(set.name(), String.join("; ", reasons)),
        "bring a secondary up to date, then start the backup again");
  }

  private static Optional<String> objection(MemberState member) {
    if (member.arbiter()) {
      return Optional.of("an arbiter holds no data");
    }
    if (!member.isReadable()) {
      return Optional.of("it is in state " + member.state());
    }
    if (member.delaySeconds() > 0) {
      return Optional.of("it is delayed by %d s".formatted(member.delaySeconds()));
    }
    if (member.lagSeconds() >= MAX_LAG_SECONDS) {
      return Optional.of(
          "it is %d s behind, the limit is %d s".formatted(member.lagSeconds(), MAX_LAG_SECONDS));
    }
    if (!member.backupCursors()) {
      return Optional.of("its server %s does not have $backupCursor".formatted(member.version()));
    }
    return Optional.empty();
  }

  private static void warn(ReplicaSetState set, MemberState chosen, List<String> warnings) {
    if (chosen.isPrimary()) {
      warnings.add(
          "%s: the primary %s is copied, because no secondary can be"
              .formatted(set.name(), chosen.address()));
    }
    for (MemberState member : set.dataMembers()) {
      if (!member.isReadable()) {
        warnings.add("%s: %s is %s".formatted(set.name(), member.address(), member.state()));
      }
    }
  }

  /** Hidden members serve nobody, so a copy costs least there; the primary comes last. */
  private static int rank(MemberState member) {
    if (member.isPrimary()) {
      return 2;
    }
    return member.hidden() ? 0 : 1;
  }

  private static String reason(MemberState member) {
    if (member.isPrimary()) {
      return "primary";
    }
    return member.hidden() ? "hidden secondary" : "secondary";
  }

  private static String setNames(ClusterTopology topology) {
    return String.join(", ", topology.replicaSets().stream().map(ReplicaSetState::name).toList());
  }

  private static String addresses(ReplicaSetState set) {
    return String.join(", ", set.members().stream().map(MemberState::address).toList());
  }
}
