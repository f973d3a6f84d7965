package io.stillpoint.activities;

import io.stillpoint.activity.CursorActivities;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.FileListRef;
import io.stillpoint.mongo.BackupCursors;
import io.stillpoint.mongo.ConsistentPoint;
import io.stillpoint.mongo.CursorExtension;
import io.stillpoint.mongo.ParallelCalls;
import io.stillpoint.mongo.SetDescriber;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.ActivityNotExistsException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Backup cursors on behalf of workflows. */
public final class CursorActivitiesImpl implements CursorActivities {

  private final ParallelCalls calls;
  private final BackupCursors cursors;
  private final ConsistentPoint points;
  private final CursorExtension extension;
  private final SetDescriber describer;
  private final CopyProofs proofs;
  private final OperationLink link;
  private final String holder;
  private final Duration keepAlive;

  /**
   * @param holder this worker's identity, as people see it when a cursor changes hands
   * @param keepAlive how often a cursor is continued
   */
  public CursorActivitiesImpl(
      ParallelCalls calls,
      BackupCursors cursors,
      ConsistentPoint points,
      CursorExtension extension,
      SetDescriber describer,
      CopyProofs proofs,
      OperationLink link,
      String holder,
      Duration keepAlive) {
    this.calls = calls;
    this.cursors = cursors;
    this.points = points;
    this.extension = extension;
    this.describer = describer;
    this.proofs = proofs;
    this.link = link;
    this.holder = holder;
    this.keepAlive = keepAlive;
  }

  @Override
  public BackupCursor open(OpenRequest request) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    try (BackgroundHeartbeat beat =
        new BackgroundHeartbeat(context, "opening the backup cursor of " + request.set())) {
      BackupCursor cursor = cursors.open(request, context.getInfo().getAttempt());
      try {
        beat.beatNow();
      } catch (ActivityCanceledException | ActivityNotExistsException e) {
        // Nobody will take the handle, so nobody else could close the cursor.
        closeUnclaimed(cursor, e);
        throw e;
      } catch (ActivityCompletionException e) {
        // The worker drains or the activity was paused: the result is still wanted.
        return cursor;
      }
      return cursor;
    }
  }

  @Override
  public Point fixPoint(String cluster, List<BackupCursor> open) {
    return BackgroundHeartbeat.during(() -> points.fix(cluster, open));
  }

  @Override
  public FileListRef extend(OpenRequest request, BackupCursor cursor, Point point) {
    try (BackgroundHeartbeat beat =
        new BackgroundHeartbeat(
            Activity.getExecutionContext(), "bringing %s to the point".formatted(request.set()))) {
      return extension.extend(request, cursor, point, beat::throwIfEnded);
    }
  }

  @Override
  public Extended describe(OpenRequest request, BackupCursor cursor, Point point) {
    return BackgroundHeartbeat.during(() -> describer.describe(request, cursor, point.time()));
  }

  @Override
  public void keepAlive(BackupCursor cursor) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    ActivityInfo info = context.getInfo();
    CursorKeeper.Run run = new CursorKeeper.Run(info.getWorkflowId(), info.getWorkflowRunId());
    new CursorKeeper(
            cursors,
            link,
            run,
            context::heartbeat,
            cursor,
            holder,
            CursorKeeper.Timing.of(keepAlive, info.getHeartbeatTimeout()))
        .keep(context.getLastHeartbeatDetails(Beat.class), info.getAttempt());
  }

  @Override
  public void prove(List<BackupCursor> open) {
    calls.each(open, cursors::touch);
  }

  @Override
  public void proveCopied(CopiedRequest request) {
    proofs.find(request, () -> prove(request.cursors()));
  }

  @Override
  public List<String> finish(CopiedRequest request) {
    boolean seen = proofs.make(request, () -> prove(request.cursors()));
    List<String> gone = closed(request.cursors());
    return seen ? gone : List.of();
  }

  @Override
  public List<String> close(List<BackupCursor> open) {
    List<String> gone = closed(open);
    return Activity.getExecutionContext().getInfo().getAttempt() > 1 ? List.of() : gone;
  }

  /** Returns the sets whose cursor was gone already. */
  private List<String> closed(List<BackupCursor> open) {
    List<Boolean> killed = calls.map(open, cursors::close);
    return IntStream.range(0, open.size())
        .filter(i -> !killed.get(i))
        .mapToObj(i -> open.get(i).set())
        .toList();
  }

  @Override
  public int closeOrphans(OpenRequest request) {
    return cursors.closeOrphans(request);
  }

  private void closeUnclaimed(BackupCursor cursor, ActivityCompletionException reason) {
    try {
      cursors.close(cursor);
    } catch (StillpointException e) {
      reason.addSuppressed(e);
    }
  }
}
