package io.stillpoint.check;

import java.util.List;

/**
 * What the database user of a cluster needs, and no more: one role for every replica set, measured
 * on 4.4.6-8. The built-in role {@code backup} is not enough, because it lacks {@code fsync}, which
 * backup cursors need.
 */
public final class LeastPrivileges {

  /** The role's name, in the database {@code admin}. */
  public static final String ROLE = "stillpoint";

  private static final Grant CLUSTER =
      new Grant(
          "",
          "",
          List.of(
              "appendOplogNote",
              "fsync",
              "getCmdLineOpts",
              "getParameter",
              "inprog",
              "replSetGetConfig",
              "replSetGetStatus",
              "replSetStateChange",
              "serverStatus"),
          "backup cursors, the consistent point, and the election after a restore");

  private static final Grant OPLOG =
      new Grant("local", "oplog.rs", List.of("find"), "proving that a restore ends at the point");

  private static final Grant SHARDING =
      new Grant(
          "", "", List.of("getShardMap", "shardingState"), "finding the sets of a sharded cluster");

  private static final Grant CONFIG =
      new Grant("config", "", List.of("find"), "shards, migrations and transactions in doubt");

  private static final Grant COORDINATORS =
      new Grant(
          "config",
          "system.sharding_ddl_coordinators",
          List.of("find"),
          "operations on collections that are under way, from 5.0 on");

  private static final Grant SETTINGS =
      new Grant(
          "config",
          "settings",
          List.of("find", "insert", "remove", "update"),
          "stopping the balancer and giving it its state back");

  private LeastPrivileges() {}

  /** The whole role, to be created on every replica set of a cluster. */
  public static List<Grant> role() {
    return List.of(
        new Grant("", "", concat(CLUSTER.actions(), SHARDING.actions()), CLUSTER.purpose()),
        OPLOG,
        CONFIG,
        COORDINATORS,
        SETTINGS);
  }

  /** What is used on a member of a replica set; {@code shardingState} tells what kind it is. */
  public static List<Grant> onMember() {
    return List.of(
        CLUSTER, new Grant("", "", List.of("shardingState"), SHARDING.purpose()), OPLOG, CONFIG);
  }

  /** What is used on a member of the config server besides. */
  public static List<Grant> onConfigServer() {
    return List.of(SETTINGS);
  }

  /** What is used on a mongos. */
  public static List<Grant> onRouter() {
    return List.of(new Grant("", "", List.of("getShardMap"), SHARDING.purpose()), SETTINGS);
  }

  private static List<String> concat(List<String> a, List<String> b) {
    return java.util.stream.Stream.concat(a.stream(), b.stream()).sorted().toList();
  }
}
