package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.ReplicaSetState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonDocument;

/** Reads a whole cluster: its sets, every member of them, and what is in flight. */
public final class TopologyReader {

  private record Question(ReplicaSetView view, BsonDocument member) {}

  private final MongoConnections connections;
  private final ParallelCalls calls;
  private final LayoutReader layouts;
  private final MemberReader members;
  private final ClusterIdentity identity;

  public TopologyReader(MongoConnections connections, ParallelCalls calls) {
    this.connections = connections;
    this.calls = calls;
    this.layouts = new LayoutReader(connections);
    this.members = new MemberReader(connections);
    this.identity = new ClusterIdentity(connections);
  }

  /**
   * A member that does not answer is in state DOWN; a set of which none answers is an error.
   *
   * @throws StillpointException CLUSTER_UNKNOWN, MONGO_UNREACHABLE, MONGO_NOT_AUTHORIZED,
   *     STANDALONE_SERVER, CONFIGURATION_INVALID if the name means other servers than it says, or
   *     another name means them too
   */
  public ClusterTopology read(String cluster) {
    ClusterLayout layout = layouts.read(cluster);
    List<ReplicaSetView> views =
        calls.map(layout.sets(), s -> ReplicaSetView.read(connections, cluster, s));
    List<Question> questions =
        views.stream()
            .flatMap(v -> v.memberConfigurations().stream().map(m -> new Question(v, m)))
            .toList();
    List<MemberState> answers =
        calls.map(questions, q -> members.read(cluster, q.view(), q.member()));
    Map<String, List<MemberState>> bySet = new LinkedHashMap<>();
    for (int i = 0; i < questions.size(); i++) {
      bySet
          .computeIfAbsent(questions.get(i).view().set().name(), n -> new ArrayList<>())
          .add(answers.get(i));
    }
    List<ReplicaSetState> sets =
        calls.map(views, v -> state(cluster, v, bySet.getOrDefault(v.set().name(), List.of())));
    ClusterTopology topology =
        new ClusterTopology(
            cluster,
            layout.clusterId(),
            layout.sharded(),
            sets,
            layout.routers(),
            inFlight(cluster, sets));
    identity.require(topology);
    return topology;
  }

  private List<String> inFlight(String cluster, List<ReplicaSetState> sets) {
    return calls.map(sets, s -> inFlight(cluster, s)).stream().flatMap(List::stream).toList();
  }

  private List<String> inFlight(String cluster, ReplicaSetState set) {
    Optional<MemberState> primary = set.primary();
    if (primary.isEmpty()) {
      return List.of("replica set '%s' has no primary now".formatted(set.name()));
    }
    return InFlightReader.onPrimary(
        connections.server(cluster, primary.get().address()), set.name(), set.role());
  }

  private ReplicaSetState state(String cluster, ReplicaSetView view, List<MemberState> seen) {
    String source =
        seen.stream()
            .filter(MemberState::isPrimary)
            .findFirst()
            .or(() -> seen.stream().filter(MemberState::isReadable).findFirst())
            .map(MemberState::address)
            .orElseThrow(() -> nobodyReadable(view.set().name(), seen));
    BsonDocument version = InFlightReader.featureCompatibility(connections.server(cluster, source));
    return new ReplicaSetState(
        view.set().name(),
        view.set().shardId(),
        view.set().role(),
        BsonFields.string(version, "version"),
        InFlightReader.isChanging(version),
        BsonFields.integer(view.status(), "term"),
        seen);
  }

  private static StillpointException nobodyReadable(String set, List<MemberState> seen) {
    List<String> states = seen.stream().map(m -> m.address() + " " + m.state()).toList();
    return new StillpointException(
        ErrorCode.MONGO_UNREACHABLE,
        "replica set '%s' has neither a primary nor a secondary: %s".formatted(set, states),
        "wait until the set has recovered, or look at its members' logs");
  }
}
