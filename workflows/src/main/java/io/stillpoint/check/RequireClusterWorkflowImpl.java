package io.stillpoint.check;

import io.stillpoint.activity.CheckActivities;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.workflow.Workflow;

/** One activity. */
public final class RequireClusterWorkflowImpl implements RequireClusterWorkflow {

  @Override
  public String require(Object typed) {
    String cluster = Inputs.name(typed, "cluster", "the cluster's name");
    Workflow.newActivityStub(
            CheckActivities.class, ActivityPolicies.quick("look for it in the configuration"))
        .requireConfigured(cluster);
    return cluster;
  }
}
