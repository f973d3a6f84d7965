package io.stillpoint.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.ReplicaSetState;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.plan.RestorePlan.SetRestore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RestorePlannerTest {

  private static final ClusterTime POINT = new ClusterTime(200, 7);

  /** Taken from shard0 (rs0) and shard1 (rs1) on a1:1 to a1:3. */
  private final Manifest manifest =
      manifest(
          "aaaa",
          set("cfg", "config", ReplicaSetRole.CONFIG_SERVER, false),
          set("rs0", "shard0", ReplicaSetRole.SHARD, false),
          set("rs1", "shard1", ReplicaSetRole.SHARD, false));

  @Test
  void shouldLeaveEverythingOnItsOwnHosts() {
    RestorePlan plan =
        plan(
            target(
                "shop",
                state("cfg", "config", ReplicaSetRole.CONFIG_SERVER, "cfg-0:1"),
                state("rs0", "shard0", ReplicaSetRole.SHARD, "rs0-0:1"),
                state("rs1", "shard1", ReplicaSetRole.SHARD, "rs1-0:1")),
            Map.of());

    assertThat(plan.elsewhere()).isFalse();
    assertThat(plan.foreign()).isFalse();
    assertThat(plan.shardHosts()).isEmpty();
    assertThat(plan.shardIds()).isEmpty();
  }

  @Test
  void shouldPairShardsByIdWhateverTheirSetsAreCalled() {
    RestorePlan plan =
        plan(
            target(
                "copy",
                state("b", "shard1", ReplicaSetRole.SHARD, "b1:1", "b2:1"),
                state("a", "shard0", ReplicaSetRole.SHARD, "a1:1"),
                state("c", "config", ReplicaSetRole.CONFIG_SERVER, "c1:1")),
            Map.of());

    assertThat(plan.elsewhere()).isTrue();
    assertThat(plan.sets())
        .extracting(s -> s.source().set() + " to " + s.set() + " on " + s.members())
        .containsExactly("cfg to c on [c1:1]", "rs0 to a on [a1:1]", "rs1 to b on [b1:1, b2:1]");
    assertThat(plan.foreign()).isTrue();
    assertThat(plan.configServer()).isEqualTo("c/c1:1");
    assertThat(plan.shardHosts()).isEqualTo(Map.of("shard0", "a/a1:1", "shard1", "b/b1:1,b2:1"));
    assertThat(plan.shardIds()).isEmpty();
  }

  @Test
  void shouldRenameShardsThatAreMappedBySetOrId() {
    ClusterTopology target = otherIds();
    for (Map<String, String> map :
        List.of(
            Map.of("shard0", "x0", "shard1", "x1"),
            Map.of("rs0", "xrs0", "rs1", "x1"),
            Map.of("rs0", "xrs0", "shard0", "x0", "rs1", "xrs1", "cfg", "xcfg"))) {
      RestorePlan plan = plan(target, map);

      assertThat(plan.shardIds()).isEqualTo(Map.of("shard0", "x0", "shard1", "x1"));
      assertThat(plan.shardHosts()).containsOnlyKeys("x0", "x1");
      assertThat(plan.elsewhere()).isTrue();
      assertThat(plan.sets()).extracting(SetRestore::line).anyMatch(l -> l.contains("becomes"));
    }
  }

  @Test
  void shouldRefusePairsThatMakeNoSense() {
    ClusterTopology target = otherIds();
    assertThat(refusal(target, Map.of("nope", "x0")))
        .hasMessageContaining("has no set or shard 'nope' to map");
    assertThat(refusal(target, Map.of("shard0", "nope")))
        .hasMessageContaining("cluster 'copy' has no set or shard 'nope'");
    assertThat(refusal(target, Map.of("shard0", "x0", "shard1", "xrs0")))
        .hasMessageContaining("would go to 'xrs0'");
    assertThat(refusal(target, Map.of("shard0", "x0", "rs0", "x1")))
        .hasMessageContaining("is mapped to");
    StillpointException missing = refusal(target, Map.of("shard0", "x0"));
    assertThat(missing.code()).isEqualTo(ErrorCode.TOPOLOGY_MISMATCH);
    assertThat(missing)
        .hasMessageContaining("shard 'shard1' (set rs1) has no counterpart in cluster 'copy'")
        .hasMessageContaining("xrs1 (shard id x1)");
    assertThat(refusal(target, Map.of("cfg", "x0", "shard0", "xcfg", "shard1", "x1")).code())
        .isEqualTo(ErrorCode.TOPOLOGY_MISMATCH);
  }

  @Test
  void shouldRefuseANameThatMeansTwoSets() {
    ClusterTopology target =
        target(
            "copy",
            state("cfg", "config", ReplicaSetRole.CONFIG_SERVER, "c:1"),
            state("x1", "x0", ReplicaSetRole.SHARD, "a:1"),
            state("x0", "x1", ReplicaSetRole.SHARD, "b:1"));
    assertThat(refusal(target, Map.of("shard0", "x0")))
        .hasMessageContaining("the name of one set and the shard id of another");
  }

  @Test
  void shouldRefuseASetThatCouldElectNoPrimary() {
    ReplicaSetState x0 = state("xrs0", "x0", ReplicaSetRole.SHARD, "p:1");
    ClusterTopology target =
        target(
            "copy",
            state("xcfg", "config", ReplicaSetRole.CONFIG_SERVER, "c:1"),
            withArbiter(x0),
            state("xrs1", "x1", ReplicaSetRole.SHARD, "q:1"));
    StillpointException refused = refusal(target, Map.of("shard0", "x0", "shard1", "x1"));
    assertThat(refused.code()).isEqualTo(ErrorCode.TOPOLOGY_MISMATCH);
    assertThat(refused)
        .hasMessageContaining("'xrs0' could elect no primary")
        .hasMessageContaining("only 1 of its 2 members hold data");
  }

  private static ReplicaSetState withArbiter(ReplicaSetState set) {
    List<MemberState> members = new ArrayList<>(set.members());
    members.add(
        new MemberState("arbiter:1", "ARBITER", false, 0, true, 0, 0, "4.4.6-8", "", false));
    return new ReplicaSetState(
        set.name(), set.shardId(), set.role(), "4.4", false, 1, List.copyOf(members));
  }

  @Test
  void shouldRefuseToGiveAShardTheIdOfAnother() {
    ClusterTopology swapped =
        target(
            "copy",
            state("cfg", "config", ReplicaSetRole.CONFIG_SERVER, "c:1"),
            state("p", "shard0", ReplicaSetRole.SHARD, "p:1"),
            state("q", "shard1", ReplicaSetRole.SHARD, "q:1"));
    StillpointException refused = refusal(swapped, Map.of("rs0", "q", "rs1", "p"));
    assertThat(refused.code()).isEqualTo(ErrorCode.REMAP_UNSAFE);
    assertThat(refused).hasMessageContaining("which is the id of another shard");
  }

  @Test
  void shouldRefuseNewHostsWhereReplayWouldBringTheOldOnesBack() {
    Manifest written =
        manifest(
            "aaaa",
            set("cfg", "config", ReplicaSetRole.CONFIG_SERVER, true),
            set("rs0", "shard0", ReplicaSetRole.SHARD, false));
    ClusterTopology elsewhere =
        target(
            "copy",
            state("cfg", "config", ReplicaSetRole.CONFIG_SERVER, "c:1"),
            state("rs0", "shard0", ReplicaSetRole.SHARD, "p:1"));
    ClusterTopology inPlace =
        target(
            "shop",
            state("cfg", "config", ReplicaSetRole.CONFIG_SERVER, "cfg-0:1"),
            state("rs0", "shard0", ReplicaSetRole.SHARD, "rs0-0:1"));

    assertThat(refusal(written, elsewhere, Map.of()).code()).isEqualTo(ErrorCode.REMAP_UNSAFE);
    assertThat(RestorePlanner.plan(written, inPlace, Map.of(), true).elsewhere()).isFalse();
  }

  @Test
  void shouldMoveAPlainReplicaSetHoweverYoungItIs() {
    Manifest young = manifest("", set("rs0", "rs0", ReplicaSetRole.REPLICA_SET, true));
    RestorePlan plan =
        RestorePlanner.plan(
            young,
            new ClusterTopology(
                "copy",
                "",
                false,
                List.of(state("other", "other", ReplicaSetRole.REPLICA_SET, "p:1", "q:1")),
                List.of(),
                List.of()),
            Map.of(),
            true);

    assertThat(plan.elsewhere()).isTrue();
    assertThat(plan.sets()).singleElement().extracting(SetRestore::set).isEqualTo("other");
  }

  @Test
  void shouldRefuseOtherIdsWhileSomethingNamesTheOldOnes() {
    ManifestSet busy = set("rs0", "shard0", ReplicaSetRole.SHARD, false);
    Manifest moving =
        manifest(
            "aaaa",
            set("cfg", "config", ReplicaSetRole.CONFIG_SERVER, false),
            withWarning(busy, "config.migrations was written"));
    ClusterTopology target =
        target(
            "copy",
            state("cfg", "config", ReplicaSetRole.CONFIG_SERVER, "c:1"),
            state("x", "x0", ReplicaSetRole.SHARD, "p:1"));
    assertThat(refusal(moving, target, Map.of("shard0", "x0")))
        .hasMessageContaining("config.migrations was written");

    Manifest embedded =
        manifest(
            "aaaa",
            set("cfg", "config", ReplicaSetRole.CONFIG_SHARD, false),
            set("rs0", "shard0", ReplicaSetRole.SHARD, false));
    ClusterTopology alike =
        target(
            "copy",
            state("cfg", "config", ReplicaSetRole.CONFIG_SHARD, "c:1"),
            state("x", "x0", ReplicaSetRole.SHARD, "p:1"));
    assertThat(refusal(embedded, alike, Map.of("shard0", "x0")))
        .hasMessageContaining("whose config server is a shard itself");
    assertThat(refusal(embedded, target, Map.of("shard0", "x0")).code())
        .isEqualTo(ErrorCode.TOPOLOGY_MISMATCH);
  }

  @Test
  void shouldTreatAConfigServerThatIsAShardAsOne() {
    Manifest embedded =
        manifest(
            "aaaa",
            set("cfg", "config", ReplicaSetRole.CONFIG_SHARD, false),
            set("rs0", "shard0", ReplicaSetRole.SHARD, false));
    RestorePlan plan =
        RestorePlanner.plan(
            embedded,
            target(
                "copy",
                state("c", "config", ReplicaSetRole.CONFIG_SHARD, "c:1"),
                state("r", "shard0", ReplicaSetRole.SHARD, "p:1")),
            Map.of(),
            true);

    assertThat(plan.shardHosts()).isEqualTo(Map.of("config", "c/c:1", "shard0", "r/p:1"));
    assertThat(plan.shardIds()).isEmpty();
  }

  @Test
  void shouldRefuseAnotherClusterOfTheSameNameUnlessItIsNamed() {
    ClusterTopology rebuilt =
        new ClusterTopology(
            "shop",
            "bbbb",
            true,
            List.of(
                state("cfg", "config", ReplicaSetRole.CONFIG_SERVER, "cfg-0:1"),
                state("rs0", "shard0", ReplicaSetRole.SHARD, "rs0-0:1"),
                state("rs1", "shard1", ReplicaSetRole.SHARD, "rs1-0:1")),
            List.of(),
            List.of());
    StillpointException refused =
        catchThrowableOfType(
            StillpointException.class,
            () -> RestorePlanner.plan(manifest, rebuilt, Map.of(), false));
    assertThat(refused.code()).isEqualTo(ErrorCode.TOPOLOGY_MISMATCH);
    assertThat(refused.hint()).contains("--cluster shop");
    assertThat(RestorePlanner.plan(manifest, rebuilt, Map.of(), true).foreign()).isTrue();
  }

  private RestorePlan plan(ClusterTopology target, Map<String, String> map) {
    return RestorePlanner.plan(manifest, target, map, true);
  }

  private StillpointException refusal(ClusterTopology target, Map<String, String> map) {
    return refusal(manifest, target, map);
  }

  private static StillpointException refusal(
      Manifest source, ClusterTopology target, Map<String, String> map) {
    return catchThrowableOfType(
        StillpointException.class, () -> RestorePlanner.plan(source, target, map, true));
  }

  private static ClusterTopology otherIds() {
    return target(
        "copy",
        state("xcfg", "config", ReplicaSetRole.CONFIG_SERVER, "c:1"),
        state("xrs0", "x0", ReplicaSetRole.SHARD, "p:1"),
        state("xrs1", "x1", ReplicaSetRole.SHARD, "q:1"));
  }

  private static ClusterTopology target(String cluster, ReplicaSetState... sets) {
    return new ClusterTopology(cluster, "aaaa", true, List.of(sets), List.of(), List.of());
  }

  private static ReplicaSetState state(
      String name, String shardId, ReplicaSetRole role, String... hosts) {
    List<MemberState> members =
        IntStream.range(0, hosts.length)
            .mapToObj(
                i ->
                    new MemberState(
                        hosts[i],
                        i == 0 ? "PRIMARY" : "SECONDARY",
                        false,
                        1,
                        false,
                        0,
                        0,
                        "4.4.6-8",
                        "/data",
                        true))
            .toList();
    return new ReplicaSetState(name, shardId, role, "4.4", false, 7, members);
  }

  private static Manifest manifest(String clusterId, ManifestSet... sets) {
    return new Manifest(
        Manifest.FORMAT_VERSION,
        "b1",
        "shop",
        clusterId,
        !clusterId.isEmpty(),
        SnapshotType.DIRECTORY,
        OperationStatus.COMPLETED,
        "",
        Instant.EPOCH,
        Optional.of(Instant.EPOCH),
        Optional.of(POINT),
        5,
        BalancerSettings.NONE,
        Arrays.asList(sets),
        Map.of(),
        List.of(),
        "");
  }

  private static ManifestSet set(
      String name, String shardId, ReplicaSetRole role, boolean registryWritten) {
    return set(name, shardId, role, registryWritten, List.of());
  }

  private static ManifestSet withWarning(ManifestSet set, String warning) {
    return set(set.set(), set.shardId(), set.role(), set.registryWritten(), List.of(warning));
  }

  private static ManifestSet set(
      String name,
      String shardId,
      ReplicaSetRole role,
      boolean registryWritten,
      List<String> warnings) {
    return new ManifestSet(
        name,
        shardId,
        role,
        name + "-0:1",
        "4.4.6-8",
        "4.4",
        "/data",
        List.of(name + "-0:1"),
        "",
        "",
        "cursor",
        new ClusterTime(100, 1),
        new ClusterTime(90, 1),
        new ClusterTime(150, 1),
        POINT,
        5,
        registryWritten,
        new FileListRef("files", 1, 1, "00"),
        List.of(),
        warnings);
  }
}
