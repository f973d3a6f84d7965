package io.stillpoint.activities;

import io.stillpoint.activity.BalancerActivities;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.OperationRecord;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.mongo.Balancer;
import io.temporal.activity.Activity;
import java.time.Clock;
import java.util.Map;

/** Stops the balancer for an operation and gives it back exactly as it was. */
public final class BalancerActivitiesImpl implements BalancerActivities {

  private static final String KIND = "backup";

  private final Balancer balancer;
  private final BackupCatalog catalog;
  private final Clock clock;

  public BalancerActivitiesImpl(Balancer balancer, BackupCatalog catalog, Clock clock) {
    this.balancer = balancer;
    this.catalog = catalog;
    this.clock = clock;
  }

  @Override
  public BalancerSettings save(String cluster, String operation) {
    // What was recorded first counts: later the balancer may already be stopped by this operation.
    return BackgroundHeartbeat.during(
        () ->
            catalog
                .readOperation(cluster, operation)
                .map(OperationRecord::balancer)
                .orElseGet(() -> record(cluster, operation)));
  }

  @Override
  public void stop(String cluster, String operation) {
    try (BackgroundHeartbeat beat =
        new BackgroundHeartbeat(Activity.getExecutionContext(), "stopping the balancer")) {
      BalancerSettings saved =
          catalog
              .readOperation(cluster, operation)
              .map(OperationRecord::balancer)
              .orElseThrow(() -> givenBack(cluster, operation));
      balancer.stop(cluster, () -> beat.report("waiting for the balancer's running round"));
      if (catalog.readOperation(cluster, operation).isEmpty()) {
        // Whoever gave it back did so beside this attempt, or before it.
        balancer.write(cluster, saved);
        throw givenBack(cluster, operation);
      }
    }
  }

  private static StillpointException givenBack(String cluster, String operation) {
    return new StillpointException(
        ErrorCode.BALANCER_NOT_STOPPED,
        "the balancer of cluster '%s' stays as it is: %s has given it back already"
            .formatted(cluster, operation),
        "nothing to do if that operation has ended; otherwise start it again");
  }

  @Override
  public void restore(String cluster, String operation, BalancerSettings saved) {
    BackgroundHeartbeat.during(() -> giveBack(cluster, operation, saved));
  }

  private void giveBack(String cluster, String operation, BalancerSettings saved) {
    // Whoever lost the answer to save() still restores what it recorded.
    BalancerSettings recorded =
        catalog.readOperation(cluster, operation).map(OperationRecord::balancer).orElse(saved);
    balancer.write(cluster, recorded);
    catalog.forgetOperation(cluster, operation);
  }

  private BalancerSettings record(String cluster, String operation) {
    return catalog
        .saveOperation(
            new OperationRecord(
                cluster,
                operation,
                KIND,
                clock.instant(),
                balancer.read(cluster),
                Map.of(
                    OperationRecord.RUN,
                    Activity.getExecutionContext().getInfo().getWorkflowRunId())))
        .balancer();
  }
}
