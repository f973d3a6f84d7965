package io.stillpoint.cli;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.RestoreOperation;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestoreResult;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Shows an operation until it ends. A worker or a Temporal server that goes away meanwhile is
 * remarked and waited for: the operation itself survives that, so watching it must too.
 */
final class Follower {
  private static final Duration POLL = Duration.ofMillis(700);

  private final ProgressDisplay display;

  Follower(CliContext context, Printer printer) {
    this.display = ProgressDisplay.of(context, printer);
  }

  /**
   * Shows the backup until it ends or is as wanted.
   *
   * @return the result, or nothing if it is as wanted but still runs
   */
  Optional<BackupResult> backup(BackupOperation backup, Predicate<BackupDescription> wanted) {
    return follow(backup::describe, d -> Progress.of(d, backup.pending()), wanted, backup::await);
  }

  Optional<RestoreResult> restore(RestoreOperation restore, Predicate<RestoreDescription> wanted) {
    return follow(
        restore::describe, d -> Progress.of(d, restore.pending()), wanted, restore::await);
  }

  private <D, R> Optional<R> follow(
      Supplier<D> describe,
      Function<D, Progress> progress,
      Predicate<D> wanted,
      Function<Duration, Optional<R>> result) {
    String trouble = "";
    try {
      while (true) {
        Optional<StillpointException> unanswered = Optional.empty();
        try {
          D now = describe.get();
          display.show(progress.apply(now));
          if (wanted.test(now)) {
            return Optional.empty();
          }
        } catch (StillpointException e) {
          unanswered = Optional.of(e);
        }
        // An operation that has ended says more by its result than by what it cannot answer.
        Optional<R> end = ended(result);
        if (end.isPresent()) {
          return end;
        }
        trouble = unanswered.isPresent() ? remarked(unanswered.get(), trouble) : "";
      }
    } finally {
      display.end();
    }
  }

  private <R> Optional<R> ended(Function<Duration, Optional<R>> result) {
    try {
      return result.apply(POLL);
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.TEMPORAL_UNREACHABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private String remarked(StillpointException e, String trouble) {
    if (e.code() != ErrorCode.NO_WORKER
        && e.code() != ErrorCode.TEMPORAL_UNREACHABLE
        && e.code() != ErrorCode.INTERNAL) {
      throw e;
    }
    if (!trouble.equals(e.getMessage())) {
      display.remark("waiting: " + e.getMessage());
    }
    return e.getMessage();
  }
}
