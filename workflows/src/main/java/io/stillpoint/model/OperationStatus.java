package io.stillpoint.model;

/** How an operation stands. Phases are separate: {@code BackupPhase} and {@code RestorePhase}. */
public enum OperationStatus {
  RUNNING,
  COMPLETED,
  FAILED,
  CANCELLED,
  /** Of a manifest only: its snapshots are being deleted, some may be gone. */
  DELETING;

  public boolean isFinal() {
    return this != RUNNING;
  }
}
