package io.stillpoint.activities;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Heartbeats while an activity waits in a call that is bounded in time by itself, and remembers if
 * Temporal said that the activity should end. The call is never interrupted: an open or extend that
 * is cut off in the middle leaves an orphan or aborts the server.
 */
final class BackgroundHeartbeat implements AutoCloseable {

  private static final long PERIOD_MILLIS = 3000;

  private final ActivityExecutionContext context;
  private final ScheduledExecutorService timer;
  private volatile Object details;
  private volatile ActivityCompletionException ended;

  BackgroundHeartbeat(ActivityExecutionContext context, Object details) {
    this.context = context;
    this.details = details;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "heartbeat-" + context.getInfo().getActivityId());
              thread.setDaemon(true);
              return thread;
            });
    timer.scheduleWithFixedDelay(this::beat, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Runs the work of the current activity under heartbeats, so that another worker takes over soon
   * when this one dies. The work must be bounded in time by itself.
   */
  static <T> T during(Supplier<T> work) {
    BackgroundHeartbeat beat = new BackgroundHeartbeat(Activity.getExecutionContext(), null);
    try {
      return work.get();
    } finally {
      beat.close();
    }
  }

  /** As {@link #during(Supplier)}, without a result. */
  static void during(Runnable work) {
    during(
        () -> {
          work.run();
          return null;
        });
  }

  /** What the next heartbeats say; throws if the activity should end. */
  void report(Object newDetails) {
    details = newDetails;
    throwIfEnded();
  }

  /**
   * @throws ActivityCompletionException if Temporal said that the activity should end
   */
  void throwIfEnded() {
    ActivityCompletionException e = ended;
    if (e != null) {
      throw e;
    }
  }

  /** Asks Temporal now. */
  void beatNow() {
    beat();
    throwIfEnded();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void beat() {
    try {
      context.heartbeat(details);
    } catch (ActivityCompletionException e) {
      ended = e;
    }
  }
}
