package io.stillpoint.backup;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.policy.Inputs;
import io.stillpoint.policy.Names;
import java.time.Duration;

/** What a backup's input may say, and what it means where it is silent. */
final class BackupInputs {

  static final String EXAMPLE = "{\"cluster\":\"NAME\"}";
  private static final int DEFAULT_ATTEMPTS = 3;
  private static final int MAX_ATTEMPTS = 20;
  private static final Duration DEFAULT_COPY_DEADLINE = Duration.ofHours(24);
  private static final Duration MIN_COPY_DEADLINE = Duration.ofSeconds(1);
  private static final Duration MAX_COPY_DEADLINE = Duration.ofDays(30);

  private BackupInputs() {}

  /** Refuses what no worker could make sense of: BAD_INPUT. */
  static void requireUsable(BackupRequest request) {
    String cluster = request == null ? null : request.cluster();
    Inputs.require("cluster", cluster, "the backup's input", EXAMPLE);
    Inputs.refuseUnknown(
        request.unknown(),
        "the backup's input",
        "cluster, backup, type, dryRun, attempts, copyDeadline, members, tags, retention");
    try {
      Names.require("cluster", request.cluster());
      request.backup().ifPresent(b -> Names.require("backup", b));
    } catch (StillpointException e) {
      throw Failures.of(e);
    }
    if (request.attempts().filter(n -> n < 1 || n > MAX_ATTEMPTS).isPresent()) {
      throw Failures.of(
          ErrorCode.BAD_INPUT,
          "attempts is %d, but must be from 1 to %d"
              .formatted(request.attempts().get(), MAX_ATTEMPTS),
          "leave it out for " + DEFAULT_ATTEMPTS);
    }
    Duration deadline = copyDeadline(request);
    if (deadline.compareTo(MIN_COPY_DEADLINE) < 0 || deadline.compareTo(MAX_COPY_DEADLINE) > 0) {
      throw Failures.of(
          ErrorCode.BAD_INPUT,
          "copyDeadline is %s, but must be from %s to %s"
              .formatted(deadline, MIN_COPY_DEADLINE, MAX_COPY_DEADLINE),
          "leave it out for " + DEFAULT_COPY_DEADLINE);
    }
  }

  /** Tries with new cursors. */
  static int attempts(BackupRequest request) {
    return request.attempts().orElse(DEFAULT_ATTEMPTS);
  }

  static Duration copyDeadline(BackupRequest request) {
    return request.copyDeadline().orElse(DEFAULT_COPY_DEADLINE);
  }
}
