package io.stillpoint.recover;

import io.stillpoint.activity.RecoveryActivities.Unfinished;
import io.stillpoint.policy.Inputs;
import java.util.List;
import java.util.Optional;

/** One activity. */
public final class UnfinishedOperationsWorkflowImpl implements UnfinishedOperationsWorkflow {

  private static final String EXAMPLE = "{\"cluster\":\"NAME\"}";

  @Override
  public List<Unfinished> unfinished(Object typed) {
    UnfinishedRequest request = Inputs.read(typed, UnfinishedRequest.class, "the input", EXAMPLE);
    Optional<String> cluster =
        request == null || request.cluster() == null ? Optional.empty() : request.cluster();
    return RecoveryStubs.recovery("look for operations that ended half done").unfinished(cluster);
  }
}
