package io.stillpoint.sandbox.cluster;

import java.util.List;

/** What a server does in its cluster. */
public enum ServerRole {
  /** Member of a plain replica set. */
  REPLICA_SET(List.of()),
  SHARD(List.of("--shardsvr")),
  CONFIG_SERVER(List.of("--configsvr")),
  ROUTER(List.of());

  private final List<String> flags;

  ServerRole(List<String> flags) {
    this.flags = flags;
  }

  List<String> flags() {
    return flags;
  }
}
