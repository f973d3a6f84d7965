package io.stillpoint.backup;

/** Where a backup is. */
public enum BackupPhase {
  PLANNING,
  PREPARING,
  COPYING,
  FINISHING,
  AWAITING_READY,
  RECORDING,
  CLEANING_UP,
  ENDED;

  /** It ends by itself soon, whatever happens: nobody looks for backups in it. */
  boolean isBrief() {
    return this == FINISHING || this == RECORDING;
  }
}
