package io.stillpoint.activities;

import io.stillpoint.activity.ClusterActivities;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.mongo.Balancer;
import io.stillpoint.mongo.RestoredEnd;
import io.stillpoint.mongo.SetConfiguration;
import io.stillpoint.mongo.Settling;
import io.stillpoint.mongo.ShardRegistry;
import io.stillpoint.mongo.StepUp;
import io.temporal.activity.Activity;
import java.util.List;

/** What a restore does to a cluster over the network. */
public final class ClusterActivitiesImpl implements ClusterActivities {

  private final SetConfiguration configurations;
  private final StepUp stepUp;
  private final Settling settling;
  private final RestoredEnd end;
  private final Balancer balancer;
  private final ShardRegistry registry;

  public ClusterActivitiesImpl(
      SetConfiguration configurations,
      StepUp stepUp,
      Settling settling,
      RestoredEnd end,
      Balancer balancer,
      ShardRegistry registry) {
    this.configurations = configurations;
    this.stepUp = stepUp;
    this.settling = settling;
    this.end = end;
    this.balancer = balancer;
    this.registry = registry;
  }

  @Override
  public String configuration(String cluster, String set) {
    return BackgroundHeartbeat.during(() -> configurations.read(cluster, set));
  }

  @Override
  public void stepUp(StepUpRequest request) {
    try (BackgroundHeartbeat beat =
        new BackgroundHeartbeat(Activity.getExecutionContext(), "waiting for the members")) {
      stepUp.run(request, states -> beat.report(states.toString()));
    }
  }

  @Override
  public void renameShards(RenameRequest request) {
    BackgroundHeartbeat.during(() -> registry.rename(request.configServer(), request.shardIds()));
  }

  @Override
  public void settle(String cluster, List<StepUpRequest> sets) {
    try (BackgroundHeartbeat beat =
        new BackgroundHeartbeat(Activity.getExecutionContext(), "looking for what is in doubt")) {
      settling.await(cluster, sets, left -> beat.report(String.join("; ", left)));
    }
  }

  @Override
  public void compareEndPoint(EndPoint request) {
    BackgroundHeartbeat.during(() -> end.compare(request));
  }

  @Override
  public void giveBalancer(StepUpRequest configServer, BalancerSettings saved) {
    BackgroundHeartbeat.during(
        () ->
            balancer.write(
                configServer.cluster(), configServer.set(), configServer.members(), saved));
  }
}
