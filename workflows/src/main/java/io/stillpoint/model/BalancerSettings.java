package io.stillpoint.model;

/**
 * The two documents of config.settings that stopping and starting the balancer would change, as
 * canonical extended JSON; empty where the cluster has no such document. Starting the balancer does
 * not restore them (autosplit comes back on, modes are lost), so they are saved and written back.
 */
public record BalancerSettings(String balancer, String autosplit, boolean enabled) {

  /** For a cluster that has no balancer. */
  public static final BalancerSettings NONE = new BalancerSettings("", "", false);
}
