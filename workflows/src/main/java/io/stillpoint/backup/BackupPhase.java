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
  ENDED
}
