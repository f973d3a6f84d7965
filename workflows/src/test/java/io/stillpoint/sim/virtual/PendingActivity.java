package io.stillpoint.sim.virtual;

import io.temporal.api.common.v1.Payloads;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.RetryState;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.api.failure.v1.Failure;
import io.temporal.api.failure.v1.TimeoutFailureInfo;
import io.temporal.api.history.v1.ActivityTaskCanceledEventAttributes;
import io.temporal.api.history.v1.ActivityTaskCompletedEventAttributes;
import io.temporal.api.history.v1.ActivityTaskFailedEventAttributes;
import io.temporal.api.history.v1.ActivityTaskScheduledEventAttributes;
import io.temporal.api.history.v1.ActivityTaskStartedEventAttributes;
import io.temporal.api.history.v1.ActivityTaskTimedOutEventAttributes;
import io.temporal.api.workflowservice.v1.PollActivityTaskQueueResponse;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.ActivityNotExistsException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;

/** One activity as the server and its workers see it: attempts, time limits, retries, cancels. */
final class PendingActivity {

  /** How often an activity that repeats something does so. */
  private static final Duration TURN = Duration.ofSeconds(2);

  private final VirtualTemporal server;
  private final Execution execution;
  private final long scheduledId;
  private final ActivityTaskScheduledEventAttributes attributes;
  private final long scheduledAt;
  private final String name;
  private int attempt = 1;
  private boolean started;
  private boolean closed;
  private long cancelRequestedId;
  private long lastHeartbeat;
  private Optional<Failure> lastFailure = Optional.empty();

  PendingActivity(
      VirtualTemporal server,
      Execution execution,
      long scheduledId,
      ActivityTaskScheduledEventAttributes attributes) {
    this.server = server;
    this.execution = execution;
    this.scheduledId = scheduledId;
    this.attributes = attributes;
    this.scheduledAt = server.agenda().now();
    this.name =
        "%s %s %d"
            .formatted(execution.runId(), attributes.getActivityType().getName(), scheduledId);
    if (attributes.hasScheduleToCloseTimeout()) {
      server
          .agenda()
          .in(
              Protos.duration(attributes.getScheduleToCloseTimeout()),
              () -> timeOut(attempt, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE));
    }
    enqueue();
  }

  private String queue() {
    return attributes.getTaskQueue().getName();
  }

  private boolean isCurrent(int number) {
    return !closed && execution.isOpen() && number == attempt;
  }

  private void enqueue() {
    int number = attempt;
    if (attributes.hasScheduleToStartTimeout()) {
      server
          .agenda()
          .in(
              Protos.duration(attributes.getScheduleToStartTimeout()),
              () -> {
                if (!started) {
                  timeOut(number, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START);
                }
              });
    }
    server
        .agenda()
        .in(
            server.timing().of(Timing.Step.DISPATCH, name),
            () -> server.whenUp(queue(), () -> start(number)));
  }

  private void start(int number) {
    if (!isCurrent(number) || started) {
      return;
    }
    started = true;
    lastHeartbeat = server.agenda().now();
    if (attributes.hasStartToCloseTimeout()) {
      server
          .agenda()
          .in(
              Protos.duration(attributes.getStartToCloseTimeout()),
              () -> timeOut(number, TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE));
    }
    watchHeartbeat(number);
    int generation = server.generation(queue());
    server
        .agenda()
        .in(
            server.timing().of(Timing.Step.EFFECT, name),
            () -> {
              if (generation == server.generation(queue())) {
                perform(number, generation);
              }
            });
  }

  private boolean hasHeartbeat() {
    return attributes.hasHeartbeatTimeout()
        && !Protos.duration(attributes.getHeartbeatTimeout()).isZero();
  }

  private void watchHeartbeat(int number) {
    if (!hasHeartbeat()) {
      return;
    }
    long limit = lastHeartbeat + Protos.duration(attributes.getHeartbeatTimeout()).toMillis();
    server
        .agenda()
        .at(
            limit,
            () -> {
              if (!isCurrent(number) || !started) {
                return;
              }
              if (lastHeartbeat + Protos.duration(attributes.getHeartbeatTimeout()).toMillis()
                  <= server.agenda().now()) {
                timeOut(number, TimeoutType.TIMEOUT_TYPE_HEARTBEAT);
              } else {
                watchHeartbeat(number);
              }
            });
  }

  private void perform(int number, int generation) {
    AttemptContext context = new AttemptContext(() -> beat(number));
    ended(number, generation, server.worker().perform(task(number), context, false));
  }

  /** What a heartbeat tells the attempt that sent it. */
  private void beat(int number) {
    if (!isCurrent(number)) {
      throw new ActivityNotExistsException(attributes.getActivityId(), null);
    }
    lastHeartbeat = server.agenda().now();
    if (cancelRequestedId != 0) {
      throw new ActivityCanceledException();
    }
  }

  private void ended(int number, int generation, Outcome outcome) {
    if (!(outcome instanceof Outcome.Interrupted interrupted)) {
      server
          .agenda()
          .in(
              server.timing().of(Timing.Step.REPORT, name),
              () -> {
                if (generation == server.generation(queue())) {
                  report(number, outcome);
                }
              });
      return;
    }
    if (interrupted.fate() instanceof Fate.Late late) {
      server.late(
          Protos.duration(
              hasHeartbeat()
                  ? attributes.getHeartbeatTimeout()
                  : attributes.getStartToCloseTimeout()),
          name,
          late.effect());
    } else if (interrupted.fate() instanceof Fate.Repeats repeats) {
      repeat(number, generation, repeats.turn());
    }
  }

  private void repeat(int number, int generation, Runnable turn) {
    if (generation != server.generation(queue())) {
      return;
    }
    try {
      turn.run();
    } catch (RuntimeException e) {
      ended(number, generation, server.worker().failed(e));
      return;
    }
    server.agenda().in(TURN, () -> repeat(number, generation, turn));
  }

  private void report(int number, Outcome outcome) {
    if (!isCurrent(number)) {
      return;
    }
    if (outcome instanceof Outcome.Completed completed) {
      close(number, startedId -> completed(startedId, completed.result()));
    } else if (outcome instanceof Outcome.Failed failed) {
      failed(number, failed);
    } else {
      close(number, this::canceled);
    }
  }

  private void failed(int number, Outcome.Failed failed) {
    RetryState state = retryState(failed.failure(), failed.retryDelay());
    if (state == RetryState.RETRY_STATE_IN_PROGRESS) {
      retry(failed.failure(), failed.retryDelay());
      return;
    }
    close(
        number,
        startedId ->
            execution.append(
                EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
                e ->
                    e.setActivityTaskFailedEventAttributes(
                        ActivityTaskFailedEventAttributes.newBuilder()
                            .setScheduledEventId(scheduledId)
                            .setStartedEventId(startedId)
                            .setFailure(failed.failure())
                            .setRetryState(state))));
  }

  private RetryState retryState(Failure failure, Optional<Duration> asked) {
    if (!RetryRule.allows(attributes.getRetryPolicy(), failure)) {
      return RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE;
    }
    if (cancelRequestedId != 0) {
      return RetryState.RETRY_STATE_CANCEL_REQUESTED;
    }
    int most = attributes.getRetryPolicy().getMaximumAttempts();
    if (most > 0 && attempt >= most) {
      return RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED;
    }
    Duration delay = asked.orElse(RetryRule.delay(attributes.getRetryPolicy(), attempt));
    boolean beyond =
        attributes.hasScheduleToCloseTimeout()
            && server.agenda().now() + delay.toMillis()
                >= scheduledAt + Protos.duration(attributes.getScheduleToCloseTimeout()).toMillis();
    return beyond ? RetryState.RETRY_STATE_TIMEOUT : RetryState.RETRY_STATE_IN_PROGRESS;
  }

  private void retry(Failure failure, Optional<Duration> asked) {
    Duration delay = asked.orElse(RetryRule.delay(attributes.getRetryPolicy(), attempt));
    lastFailure = Optional.of(failure);
    started = false;
    int next = ++attempt;
    server
        .agenda()
        .in(
            delay,
            () -> {
              if (isCurrent(next)) {
                enqueue();
              }
            });
  }

  private void timeOut(int number, TimeoutType type) {
    if (!isCurrent(number)) {
      return;
    }
    Failure failure = timeout(type, lastFailure);
    boolean unrepeated =
        type == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
            || type == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START;
    RetryState state =
        unrepeated ? RetryState.RETRY_STATE_TIMEOUT : retryState(failure, Optional.empty());
    if (state == RetryState.RETRY_STATE_IN_PROGRESS) {
      retry(failure, Optional.empty());
      return;
    }
    Failure told =
        state == RetryState.RETRY_STATE_TIMEOUT && !unrepeated
            ? timeout(TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, Optional.of(failure))
            : failure;
    LongConsumer event =
        startedId ->
            execution.append(
                EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
                e ->
                    e.setActivityTaskTimedOutEventAttributes(
                        ActivityTaskTimedOutEventAttributes.newBuilder()
                            .setScheduledEventId(scheduledId)
                            .setStartedEventId(startedId)
                            .setFailure(told)
                            .setRetryState(state)));
    close(number, event);
  }

  private static Failure timeout(TimeoutType type, Optional<Failure> cause) {
    Failure.Builder failure =
        Failure.newBuilder()
            .setMessage("activity timeout")
            .setSource("Server")
            .setTimeoutFailureInfo(TimeoutFailureInfo.newBuilder().setTimeoutType(type));
    cause.ifPresent(failure::setCause);
    return failure.build();
  }

  private void completed(long startedId, Optional<Payloads> result) {
    ActivityTaskCompletedEventAttributes.Builder completed =
        ActivityTaskCompletedEventAttributes.newBuilder()
            .setScheduledEventId(scheduledId)
            .setStartedEventId(startedId);
    result.ifPresent(completed::setResult);
    execution.append(
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
        e -> e.setActivityTaskCompletedEventAttributes(completed));
  }

  private void canceled(long startedId) {
    execution.append(
        EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
        e ->
            e.setActivityTaskCanceledEventAttributes(
                ActivityTaskCanceledEventAttributes.newBuilder()
                    .setScheduledEventId(scheduledId)
                    .setStartedEventId(startedId)
                    .setLatestCancelRequestedEventId(cancelRequestedId)));
  }

  /** The last attempt's start is recorded only with its end, as servers do. */
  private void close(int number, LongConsumer event) {
    closed = true;
    boolean wasStarted = started;
    execution.activityClosed(scheduledId);
    execution.deliver(
        "activity " + scheduledId, () -> event.accept(wasStarted ? appendStarted(number) : 0));
  }

  private long appendStarted(int number) {
    ActivityTaskStartedEventAttributes.Builder event =
        ActivityTaskStartedEventAttributes.newBuilder()
            .setScheduledEventId(scheduledId)
            .setAttempt(number)
            .setIdentity("virtual");
    lastFailure.ifPresent(event::setLastFailure);
    return execution.append(
        EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
        e -> e.setActivityTaskStartedEventAttributes(event));
  }

  /**
   * @param requestedId the event of the request
   * @return whether it is cancelled with that, because no worker has it
   */
  boolean requestCancel(long requestedId) {
    cancelRequestedId = requestedId;
    if (started) {
      return false;
    }
    closed = true;
    execution.activityClosed(scheduledId);
    canceled(0);
    return true;
  }

  private PollActivityTaskQueueResponse task(int number) {
    PollActivityTaskQueueResponse.Builder task =
        PollActivityTaskQueueResponse.newBuilder()
            .setActivityId(attributes.getActivityId())
            .setActivityType(attributes.getActivityType())
            .setHeader(attributes.getHeader())
            .setAttempt(number)
            .setWorkflowNamespace(VirtualTemporal.NAMESPACE)
            .setWorkflowExecution(execution.id())
            .setWorkflowType(execution.type())
            .setScheduledTime(Protos.time(scheduledAt))
            .setStartedTime(Protos.time(server.agenda().now()))
            .setStartToCloseTimeout(attributes.getStartToCloseTimeout())
            .setScheduleToCloseTimeout(attributes.getScheduleToCloseTimeout())
            .setHeartbeatTimeout(attributes.getHeartbeatTimeout());
    if (attributes.hasInput()) {
      task.setInput(attributes.getInput());
    }
    return task.build();
  }
}
