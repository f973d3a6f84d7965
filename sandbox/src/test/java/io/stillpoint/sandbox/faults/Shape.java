package io.stillpoint.sandbox.faults;

/** What a case of the campaign happens to. */
enum Shape {
  /** A replica set of one member, and one worker process of both roles. */
  TOGETHER("set"),

  /**
   * A replica set of one member behind a cord that can be cut, on a small disk, with clocks of
   * their own for servers and workers; a control worker and a node agent.
   */
  APART("set"),

  /** Two shards, a config server and a mongos; two control workers and one node agent. */
  SHARDED("sharded");

  private final String world;

  Shape(String world) {
    this.world = world;
  }

  /** As {@code -Dstillpoint.faults.world=} takes it. */
  String world() {
    return world;
  }

  boolean sharded() {
    return this == SHARDED;
  }
}
