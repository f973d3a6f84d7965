package io.stillpoint.activity;

import io.stillpoint.model.BalancerSettings;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** The balancer of a sharded cluster. Every method is idempotent. */
@ActivityInterface(namePrefix = "Balancer")
public interface BalancerActivities {

  /**
   * Reads the settings and records them in the catalog for this operation before anybody stops the
   * balancer. Called again for the same operation it returns what was recorded first, never the
   * stopped state.
   */
  @ActivityMethod
  BalancerSettings save(String cluster, String operation);

  /**
   * Stops the balancer and waits until no round is running. Only while its settings are recorded
   * for the operation: an attempt that was given up, and comes late, leaves the balancer as the
   * operation has given it back.
   *
   * <p>Errors: BALANCER_NOT_STOPPED after the deadline, or if nothing is recorded any more.
   */
  @ActivityMethod
  void stop(String cluster, String operation);

  /**
   * Gives the balancer the saved settings back, both documents exactly, and forgets what was
   * recorded for the operation. Does nothing if they are in place already.
   */
  @ActivityMethod
  void restore(String cluster, String operation, BalancerSettings saved);
}
