package io.stillpoint.activity;

import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTime;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Map;

/** What a restore does to a cluster over the network, once its members run again. */
@ActivityInterface(namePrefix = "Cluster")
public interface ClusterActivities {

  /**
   * @param members addresses of the members that hold data
   * @param preferred the member that should become primary
   */
  record StepUpRequest(String cluster, String set, List<String> members, String preferred) {
    public StepUpRequest {
      members = List.copyOf(members);
    }
  }

  /**
   * @param lastEntry newest oplog entry not after the point, from the manifest
   * @param entries number of entries in (checkpoint, point], from the manifest
   */
  record EndPoint(
      String cluster,
      String member,
      ClusterTime checkpoint,
      ClusterTime point,
      ClusterTime lastEntry,
      long entries) {}

  /**
   * @param configServer the set that holds the shard registry, reached directly
   * @param shardIds new shard id by old one
   */
  record RenameRequest(StepUpRequest configServer, Map<String, String> shardIds) {
    public RenameRequest {
      shardIds = Map.copyOf(shardIds);
    }
  }

  /** The replica set's present configuration, whole, as canonical extended JSON. */
  @ActivityMethod
  String configuration(String cluster, String set);

  /**
   * Waits until every member answers as SECONDARY or PRIMARY and makes the preferred one primary
   * (an election by itself takes electionTimeoutMillis).
   *
   * <p>Errors: MONGOD_NOT_STARTED with the members that did not come.
   */
  @ActivityMethod
  void stepUp(StepUpRequest request);

  /**
   * Writes other shard ids into the databases and chunks of a restored config server, on a majority
   * of it. Must have ended before any shard is started. Idempotent, because no id is both an old
   * and a new one.
   *
   * <p>Errors: REMAP_UNSAFE if a migration was under way at the point, or if an id is left that no
   * shard has.
   */
  @ActivityMethod
  void renameShards(RenameRequest request);

  /**
   * Waits, heartbeating what is left, until on every shard no transaction is prepared and
   * config.transaction_coordinators, config.migrationCoordinators and config.migrations are empty.
   *
   * <p>Errors: NOT_SETTLED with the list of what is left.
   */
  @ActivityMethod
  void settle(String cluster, List<StepUpRequest> sets);

  /**
   * Compares the end of the member's oplog with the manifest.
   *
   * <p>Errors: POINT_NOT_PROVEN.
   */
  @ActivityMethod
  void compareEndPoint(EndPoint request);

  /**
   * Gives the balancer the settings that the manifest saved.
   *
   * @param configServer the set that holds them, reached directly: no mongos may be up yet
   */
  @ActivityMethod
  void giveBalancer(StepUpRequest configServer, BalancerSettings saved);
}
