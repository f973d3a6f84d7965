package io.stillpoint.policy;

import io.temporal.workflow.Workflow;

/**
 * Small steps run within the workflow's own task, and what belongs together is recorded together,
 * so that a history stays short. Operations of older builds go on as they began.
 */
public final class ShortHistory {

  private static final String CHANGE = "short-history";

  private ShortHistory() {}

  /** To be asked once, at the very beginning of an operation. */
  public static boolean begins() {
    return Workflow.getVersion(CHANGE, Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION;
  }
}
