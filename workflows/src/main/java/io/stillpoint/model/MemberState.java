package io.stillpoint.model;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * One member of a replica set as it was seen when the topology was read.
 *
 * @param address host:port, as the replica set's configuration writes it
 * @param state MongoDB's state name, for example PRIMARY or SECONDARY; DOWN when it did not answer
 * @param delaySeconds configured delay; 0 for an ordinary member
 * @param lagSeconds how far its last applied entry is behind the primary's
 * @param version full server version, empty when the member did not answer
 * @param dbPath data directory as the server reports it, empty when it did not answer
 * @param backupCursors whether this server has the two backup cursor stages
 */
public record MemberState(
    String address,
    String state,
    boolean hidden,
    double priority,
    boolean arbiter,
    long delaySeconds,
    long lagSeconds,
    String version,
    String dbPath,
    boolean backupCursors) {

  @JsonIgnore
  public boolean isPrimary() {
    return "PRIMARY".equals(state);
  }

  @JsonIgnore
  public boolean isReadable() {
    return isPrimary() || "SECONDARY".equals(state);
  }
}
