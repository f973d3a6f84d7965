package io.stillpoint.activities;

import io.stillpoint.activity.CursorActivities.Beat;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.mongo.Backoff;
import io.stillpoint.mongo.OpenCursors;
import io.stillpoint.mongo.ServerErrors;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.ActivityNotExistsException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one cursor alive on behalf of one activity execution, until that is told to end. */
final class CursorKeeper {

  /**
   * @param use how often the cursor is continued; servers forget it after ten minutes at the latest
   * @param beat how often Temporal is told, and asked whether to go on
   * @param patience how long the member may fail to answer before the cursor counts as lost
   * @param deadAfter the same where nothing listens at its address any more, or it is no readable
   *     member of its set; a moment in maintenance mode passes
   */
  record Timing(Duration use, Duration beat, Duration patience, Duration deadAfter) {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration DEAD_AFTER = Duration.ofSeconds(20);

    /**
     * @param heartbeatTimeout of the activity; two beats within it may get lost before Temporal
     *     gives the cursor to another worker
     */
    static Timing of(Duration use, Duration heartbeatTimeout) {
      return new Timing(use, heartbeatTimeout.dividedBy(3), PATIENCE, DEAD_AFTER);
    }
  }

  /** The run of the workflow that the cursor is kept for. */
  record Run(String workflowId, String runId) {}

  private static final Logger LOG = LoggerFactory.getLogger(CursorKeeper.class);

  private final OpenCursors cursors;
  private final OperationLink link;
  private final Run run;
  private final Consumer<Beat> heart;
  private final BackupCursor cursor;
  private final String holder;
  private final Timing timing;
  private long answeredAt = System.nanoTime();
  private Instant answered = now();
  private String silence = "";

  /**
   * @param heart heartbeats; throws what Temporal answers
   * @param holder this worker, as people see it
   */
  CursorKeeper(
      OpenCursors cursors,
      OperationLink link,
      Run run,
      Consumer<Beat> heart,
      BackupCursor cursor,
      String holder,
      Timing timing) {
    this.cursors = cursors;
    this.link = link;
    this.run = run;
    this.heart = heart;
    this.cursor = cursor;
    this.holder = holder;
    this.timing = timing;
  }

  /**
   * Never returns; ends by the exception that says why.
   *
   * @param last what the previous attempt of the activity said last; empty also if that attempt
   *     died before its first word arrived
   * @param attempt of the activity, from 1
   */
  void keep(Optional<Beat> last, int attempt) {
    boolean adopted = last.map(b -> !b.holder().equals(holder)).orElse(attempt > 1);
    int adoptions = last.map(Beat::adoptions).orElse(0) + (adopted ? 1 : 0);
    boolean alive = use(adoptions);
    if (adopted && alive) {
      tell();
    }
    long usedAt = System.nanoTime();
    while (true) {
      beat(adoptions);
      Backoff.pause(timing.beat());
      if (!alive || System.nanoTime() - usedAt >= timing.use().toNanos()) {
        alive = use(adoptions);
        usedAt = System.nanoTime();
      }
    }
  }

  /**
   * @return whether the member answered; it is asked again soon if not
   */
  private boolean use(int adoptions) {
    try {
      cursors.touch(cursor);
      answeredAt = System.nanoTime();
      answered = now();
      silence = "";
      return true;
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.CURSOR_LOST) {
        // The workflow closes the cursor when it has finished; then this is no loss but the end.
        beat(adoptions);
        throw e;
      }
      refuseSilence(e);
      silence =
          "no answer since %s, the cursor counts as lost after %d s: %s"
              .formatted(answered, patience(e).toSeconds(), e.getMessage());
      LOG.warn("cursor of {} could not be kept alive just now: {}", cursor.set(), e.getMessage());
      return false;
    }
  }

  /** A process that has ended took its cursors along; a silent network may bring them back. */
  private void refuseSilence(StillpointException last) {
    Duration patience = patience(last);
    if (System.nanoTime() - answeredAt > patience.toNanos()) {
      throw new StillpointException(
          ErrorCode.CURSOR_LOST,
          "backup cursor %s could not be kept alive for %d s: %s"
              .formatted(cursor.cursorBackupId(), patience.toSeconds(), last.getMessage()),
          "whatever was copied under it cannot be trusted; look at member " + cursor.member(),
          last);
    }
  }

  /** For people's eyes only; what is decided is decided by a clock that only runs forward. */
  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  private Duration patience(StillpointException last) {
    boolean dead = ServerErrors.nothingListens(last) || ServerErrors.isOutOfSet(last);
    return dead ? timing.deadAfter() : timing.patience();
  }

  private void beat(int adoptions) {
    try {
      heart.accept(new Beat(holder, System.currentTimeMillis(), adoptions, silence));
    } catch (ActivityNotExistsException e) {
      closeIfAbandoned();
      throw e;
    } catch (ActivityCompletionException e) {
      // Cancelled: the workflow closes the cursor. Shutdown: another worker goes on with it.
      throw e;
    }
  }

  /** A terminated workflow cannot close its cursors, so the last one to hold them does. */
  private void closeIfAbandoned() {
    try {
      if (!link.isRunning(run.workflowId(), run.runId())) {
        // A workflow that ended well has closed it, and is gone before its keepers hear of it.
        if (cursors.close(cursor)) {
          LOG.warn(
              "workflow {} is gone; its cursor on {} was closed",
              run.workflowId(),
              cursor.member());
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("cursor on {} is left to the server's idle limit", cursor.member(), e);
    }
  }

  private void tell() {
    try {
      link.cursorAdopted(run.workflowId(), cursor.set(), holder);
    } catch (RuntimeException e) {
      // Only for the reader's eyes; keeping the cursor alive matters more.
      LOG.warn("could not tell the workflow that the cursor of {} was adopted", cursor.set(), e);
    }
  }
}
