package io.stillpoint.activity;

import io.stillpoint.retention.PruneRequest;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Retention on behalf of a backup that is complete. */
@ActivityInterface(namePrefix = "Retention")
public interface RetentionActivities {

  /**
   * Starts the workflow that applies retention to the cluster, and does not wait for it. Safe to
   * repeat: retention decides anew from what is there.
   *
   * @return false if it is being applied already
   */
  @ActivityMethod
  boolean begin(PruneRequest request);
}
