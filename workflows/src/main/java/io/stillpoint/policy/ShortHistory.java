package io.stillpoint.policy;

import io.temporal.workflow.Workflow;

/**
 * How an operation keeps its history short. Each value includes those before it; operations of
 * older builds go on as they began.
 */
public enum ShortHistory {
  /** Every step is an activity. */
  NONE,
  /** Records and short reads run within the workflow's own task, and are told together. */
  RECORDS,
  /** So does a {@link BriefStep}, and the server ends the cluster's lock with the operation. */
  BRIEF_STEPS,
  /**
   * So do closing the cursors after their proof was recorded, and handing over to retention; and
   * short reads that have to wait become activities, which people can see.
   */
  BRIEF_CLOSE;

  private static final String CHANGE = "short-history";

  /** To be asked once, at the very beginning of an operation. */
  public static ShortHistory begins() {
    return switch (Workflow.getVersion(CHANGE, Workflow.DEFAULT_VERSION, 3)) {
      case Workflow.DEFAULT_VERSION -> NONE;
      case 1 -> RECORDS;
      case 2 -> BRIEF_STEPS;
      default -> BRIEF_CLOSE;
    };
  }

  public boolean includes(ShortHistory way) {
    return compareTo(way) >= 0;
  }
}
