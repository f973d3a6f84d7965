package io.stillpoint.client;

import java.time.Instant;

/**
 * An operation that runs now.
 *
 * @param kind backup, restore, prune, delete, rebuild or recover
 * @param name by the workflow's id; one that a schedule started says itself what it is called
 */
public record RunningOperation(String kind, String name, String workflowId, Instant startedAt) {

  /** Whether it is one that can be described, watched and cancelled. */
  public boolean isBackupOrRestore() {
    return kind.equals("backup") || kind.equals("restore");
  }
}
