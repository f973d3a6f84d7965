package io.stillpoint.sandbox.cluster;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What to start.
 *
 * @param directory for data, logs and sockets; made if missing
 * @param shards 0 for a plain replica set
 * @param membersPerSet of each shard, or of the plain replica set; the third and later members are
 *     hidden with priority 0
 * @param configMembers of the config server's set; ignored without shards
 * @param oplogSizeMb cap of each oplog
 * @param electionTimeoutMillis 10000 is the servers' default
 * @param setParameters passed to every mongod as {@code --setParameter}
 * @param password of the users; with a key file and users if present, see {@link
 *     LocalCluster#users()}
 * @param tls the servers speak TLS only, see {@link LocalCluster#certificates()}
 * @param names of sets and shards
 */
public record ClusterSpec(
    Path directory,
    ServerPrograms programs,
    int shards,
    int membersPerSet,
    int configMembers,
    int oplogSizeMb,
    int electionTimeoutMillis,
    Map<String, String> setParameters,
    Optional<String> password,
    boolean tls,
    ClusterNames names) {

  public ClusterSpec {
    if (shards < 0 || membersPerSet < 1 || configMembers < 1) {
      throw new IllegalArgumentException(
          "cannot start %d shards with %d members and %d config members"
              .formatted(shards, membersPerSet, configMembers));
    }
    directory = directory.toAbsolutePath();
    setParameters = Map.copyOf(setParameters);
  }

  /** One replica set named {@code rs0}. */
  public static ClusterSpec replicaSet(Path directory, ServerPrograms programs, int members) {
    return new ClusterSpec(
        directory,
        programs,
        0,
        members,
        1,
        990,
        10_000,
        Map.of(),
        Optional.empty(),
        false,
        ClusterNames.USUAL);
  }

  /**
   * Shards {@code shard0, shard1...} (replica sets {@code rs0, rs1...}) unless named otherwise, a
   * config server of one member and one mongos.
   */
  public static ClusterSpec sharded(
      Path directory, ServerPrograms programs, int shards, int membersPerSet) {
    return new ClusterSpec(
        directory,
        programs,
        shards,
        membersPerSet,
        1,
        990,
        10_000,
        Map.of(),
        Optional.empty(),
        false,
        ClusterNames.USUAL);
  }

  public ClusterSpec withConfigMembers(int count) {
    return new ClusterSpec(
        directory,
        programs,
        shards,
        membersPerSet,
        count,
        oplogSizeMb,
        electionTimeoutMillis,
        setParameters,
        password,
        tls,
        names);
  }

  public ClusterSpec withOplogSizeMb(int megabytes) {
    return new ClusterSpec(
        directory,
        programs,
        shards,
        membersPerSet,
        configMembers,
        megabytes,
        electionTimeoutMillis,
        setParameters,
        password,
        tls,
        names);
  }

  public ClusterSpec withElectionTimeoutMillis(int millis) {
    return new ClusterSpec(
        directory,
        programs,
        shards,
        membersPerSet,
        configMembers,
        oplogSizeMb,
        millis,
        setParameters,
        password,
        tls,
        names);
  }

  public ClusterSpec withSetParameters(Map<String, String> parameters) {
    return new ClusterSpec(
        directory,
        programs,
        shards,
        membersPerSet,
        configMembers,
        oplogSizeMb,
        electionTimeoutMillis,
        parameters,
        password,
        tls,
        names);
  }

  public ClusterSpec withNames(ClusterNames chosen) {
    return new ClusterSpec(
        directory,
        programs,
        shards,
        membersPerSet,
        configMembers,
        oplogSizeMb,
        electionTimeoutMillis,
        setParameters,
        password,
        tls,
        chosen);
  }

  /** With a key file, and users on every set. */
  public ClusterSpec withAuthentication() {
    return withAuthentication(ClusterUsers.random(12));
  }

  /** As {@link #withAuthentication()}, with users that several clusters have in common. */
  public ClusterSpec withAuthentication(String chosen) {
    return new ClusterSpec(
        directory,
        programs,
        shards,
        membersPerSet,
        configMembers,
        oplogSizeMb,
        electionTimeoutMillis,
        setParameters,
        Optional.of(chosen),
        tls,
        names);
  }

  /** With certificates, without which nobody can connect; not for servers built without TLS. */
  public ClusterSpec withTls() {
    return new ClusterSpec(
        directory,
        programs,
        shards,
        membersPerSet,
        configMembers,
        oplogSizeMb,
        electionTimeoutMillis,
        setParameters,
        password,
        true,
        names);
  }

  public boolean authentication() {
    return password.isPresent();
  }

  public boolean sharded() {
    return shards > 0;
  }
}
