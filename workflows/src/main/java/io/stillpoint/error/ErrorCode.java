package io.stillpoint.error;

/**
 * The stable codes that users, scripts and alert rules see. A code never changes its meaning. Each
 * names the exit code of the command line and whether trying again by itself can help.
 */
public enum ErrorCode {
  // Input and configuration
  BAD_INPUT(2, false),
  CLUSTER_UNKNOWN(10, false),
  BACKUP_UNKNOWN(10, false),
  OPERATION_UNKNOWN(10, false),
  SCHEDULE_UNKNOWN(10, false),
  CONFIGURATION_INVALID(2, false),

  // Busy or wrong state
  CLUSTER_BUSY(11, false),
  BACKUP_EXISTS(11, false),
  SCHEDULE_EXISTS(11, false),
  BACKUP_NOT_COMPLETE(13, false),
  BACKUP_IN_USE(11, false),
  NOT_WAITING(13, false),
  CURSOR_BUSY(11, false),
  RECOVERY_NEEDED(13, false),
  RECOVERY_INCOMPLETE(1, false),
  OPERATION_RESET(13, false),

  // MongoDB
  MONGO_UNREACHABLE(1, true),
  MONGO_NOT_AUTHORIZED(12, false),
  MONGO_COMMAND_FAILED(1, true),
  STANDALONE_SERVER(13, false),
  STAGES_MISSING(13, false),
  NO_SUITABLE_MEMBER(13, false),
  FEATURE_VERSION_CHANGING(13, false),
  CLUSTER_NOT_QUIET(13, false),
  POINT_NOT_REACHED(13, true),
  CURSOR_LOST(1, false),
  ATTEMPTS_EXHAUSTED(1, false),
  BALANCER_NOT_STOPPED(13, true),
  CLOCK_SKEWED(13, false),

  // Copies and snapshots
  COPY_TIMEOUT(1, false),
  SNAPSHOT_INCOMPLETE(13, false),
  SNAPSHOT_UNREACHABLE(13, false),
  SNAPSHOT_FOREIGN(13, false),
  SNAPSHOT_DAMAGED(13, false),
  SNAPSHOT_FAILED(1, false),
  TARGET_NOT_WRITABLE(13, false),
  DISK_FULL(13, false),
  PROVIDER_DENIED(12, false),
  PROVIDER_LIMIT(1, true),
  PROVIDER_FAILED(1, true),
  VOLUME_UNSUITABLE(13, false),

  // Catalog
  CATALOG_UNWRITABLE(1, true),
  CATALOG_UNREADABLE(1, true),
  MANIFEST_DAMAGED(13, false),
  MANIFEST_VERSION(13, false),
  FILE_LIST_DAMAGED(13, false),

  // Restore
  TOPOLOGY_MISMATCH(13, false),
  VERSION_MISMATCH(13, false),
  REMAP_UNSAFE(13, false),
  AGENT_UNREACHABLE(1, false),
  AGENT_REFUSED(13, false),
  RESTORE_NOT_CONFIRMED(13, false),
  MONGOD_NOT_STOPPED(1, false),
  MONGOD_NOT_STARTED(1, false),
  POINT_NOT_PROVEN(13, false),
  NOT_SETTLED(13, false),
  UNDO_FAILED(1, false),

  // Temporal
  TEMPORAL_UNREACHABLE(20, true),
  TEMPORAL_REFUSED(20, false),
  NO_WORKER(20, false),
  PAYLOAD_KEY_MISSING(20, true),

  // The outside
  WEBHOOK_FAILED(1, true),
  WEBHOOK_REFUSED(1, false),

  CANCELLED(130, false),
  INTERNAL(1, false);

  private final int exitCode;
  private final boolean retryable;

  ErrorCode(int exitCode, boolean retryable) {
    this.exitCode = exitCode;
    this.retryable = retryable;
  }

  /** What the command line exits with. */
  public int exitCode() {
    return exitCode;
  }

  /** An activity that fails so is tried again until its own deadline. */
  public boolean retryable() {
    return retryable;
  }
}
