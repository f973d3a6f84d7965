package io.stillpoint.activity;

import io.stillpoint.model.ClusterTopology;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Reads what a cluster is. Changes nothing. */
@ActivityInterface(namePrefix = "Topology")
public interface TopologyActivities {

  /**
   * Reads the whole cluster from the address that the worker's configuration has for its name.
   *
   * <p>Errors: CLUSTER_UNKNOWN, MONGO_UNREACHABLE (retryable), MONGO_NOT_AUTHORIZED,
   * STANDALONE_SERVER.
   */
  @ActivityMethod
  ClusterTopology read(String cluster);

  /**
   * Waits, heartbeating, until nothing is in flight: no held config.locks, config.migrations,
   * migration coordinators, resharding.
   *
   * <p>Errors: CLUSTER_NOT_QUIET with the list of what is still moving, after the deadline.
   */
  @ActivityMethod
  void awaitQuiet(String cluster);
}
