package io.stillpoint.model;

/** How an operation stands. Phases are separate: {@code BackupPhase} and {@code RestorePhase}. */
public enum OperationStatus {
  RUNNING,
  COMPLETED,
  FAILED,
  CANCELLED;

  public boolean isFinal() {
    return this != RUNNING;
  }
}
