package io.stillpoint.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Optional;

/**
 * One replica set as it was seen when the topology was read.
 *
 * @param name the replica set's own name
 * @param shardId the name under which the cluster knows it; "config" for the config server, the set
 *     name for a cluster that is not sharded
 * @param featureCompatibilityVersion e.g. "4.4"
 * @param featureCompatibilityChanging a version change is under way
 * @param term of the set's newest election that the asked member knows; 0 in what older builds
 *     recorded
 */
public record ReplicaSetState(
    String name,
    String shardId,
    ReplicaSetRole role,
    String featureCompatibilityVersion,
    boolean featureCompatibilityChanging,
    long term,
    List<MemberState> members) {

  public ReplicaSetState {
    members = List.copyOf(members);
  }

  @JsonIgnore
  public Optional<MemberState> primary() {
    return members.stream().filter(MemberState::isPrimary).findFirst();
  }

  /** Members that hold data: all but arbiters. */
  @JsonIgnore
  public List<MemberState> dataMembers() {
    return members.stream().filter(m -> !m.arbiter()).toList();
  }
}
