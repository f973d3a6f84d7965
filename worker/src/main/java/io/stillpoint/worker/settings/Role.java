package io.stillpoint.worker.settings;

/** What one worker process does. */
public enum Role {
  /** Runs the workflows and every activity that needs only the network. */
  CONTROL,
  /** Runs what only a database host can do, for the members that its configuration names. */
  NODE
}
