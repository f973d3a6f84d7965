package io.stillpoint.model;

/** What a replica set is to its cluster. */
public enum ReplicaSetRole {
  /** The only set of a cluster that is not sharded. */
  REPLICA_SET,
  SHARD,
  CONFIG_SERVER,
  /** A config server that also holds data (8.0 and later): both roles at once. */
  CONFIG_SHARD;

  public boolean isConfigServer() {
    return this == CONFIG_SERVER || this == CONFIG_SHARD;
  }

  public boolean isShard() {
    return this == SHARD || this == CONFIG_SHARD;
  }
}
