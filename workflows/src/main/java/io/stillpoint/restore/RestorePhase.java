package io.stillpoint.restore;

/** Where a restore is. Nothing is destroyed before RELEASING. */
public enum RestorePhase {
  PLANNING,
  AWAITING_CONFIRMATION,
  STAGING,
  AWAITING_COPY,
  STOPPING,
  SWAPPING,
  RECOVERING,
  STARTING,
  SETTLING,
  VERIFYING,
  RELEASING,
  UNDOING,
  ENDED
}
