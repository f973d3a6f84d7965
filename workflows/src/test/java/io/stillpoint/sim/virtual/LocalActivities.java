package io.stillpoint.sim.virtual;

import io.grpc.Deadline;
import io.temporal.api.common.v1.RetryPolicy;
import io.temporal.api.enums.v1.RetryState;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.api.failure.v1.Failure;
import io.temporal.api.failure.v1.TimeoutFailureInfo;
import io.temporal.api.workflowservice.v1.PollActivityTaskQueueResponse;
import io.temporal.api.workflowservice.v1.RespondActivityTaskCanceledRequest;
import io.temporal.api.workflowservice.v1.RespondActivityTaskCompletedRequest;
import io.temporal.internal.statemachines.ExecuteLocalActivityParameters;
import io.temporal.internal.worker.LocalActivityDispatcher;
import io.temporal.internal.worker.LocalActivityResult;
import io.temporal.workflow.Functions;
import java.time.Duration;
import java.util.Optional;

/**
 * Local activities: run at the moment at which the workflow's task starts, retries included; the
 * task takes so much longer. If the worker dies in one of them, the whole task is lost with it.
 */
final class LocalActivities implements LocalActivityDispatcher {

  private static final Failure TIMED_OUT =
      Failure.newBuilder()
          .setMessage("local activity timeout")
          .setTimeoutFailureInfo(
              TimeoutFailureInfo.newBuilder()
                  .setTimeoutType(TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE))
          .build();

  private final VirtualTemporal server;
  private Duration waited = Duration.ZERO;
  private boolean lost;
  private int generation;

  LocalActivities(VirtualTemporal server) {
    this.server = server;
  }

  /** A workflow's task begins. */
  void begin(int workerGeneration) {
    waited = Duration.ZERO;
    lost = false;
    generation = workerGeneration;
  }

  /** What the retries within the task took. */
  Duration waited() {
    return waited;
  }

  /** The worker died within the task. */
  boolean lost() {
    return lost;
  }

  @Override
  public boolean dispatch(
      ExecuteLocalActivityParameters activity,
      Functions.Proc1<LocalActivityResult> callback,
      Deadline acceptance) {
    LocalActivityResult result = run(activity);
    lost = lost || server.generation(server.workflowQueue()) != generation;
    callback.apply(lost ? died(activity) : result);
    return true;
  }

  private LocalActivityResult run(ExecuteLocalActivityParameters activity) {
    PollActivityTaskQueueResponse.Builder task = activity.cloneActivityTaskBuilder();
    RetryPolicy policy = task.getRetryPolicy();
    for (int attempt = activity.getInitialAttempt(); true; attempt++) {
      Outcome outcome =
          server
              .worker()
              .perform(task.setAttempt(attempt).build(), new AttemptContext(() -> {}), true);
      if (outcome instanceof Outcome.Completed completed) {
        RespondActivityTaskCompletedRequest.Builder done =
            RespondActivityTaskCompletedRequest.newBuilder();
        completed.result().ifPresent(done::setResult);
        return new LocalActivityResult(
            activity.getActivityId(), attempt, done.build(), null, null, null);
      }
      if (outcome instanceof Outcome.Interrupted interrupted) {
        Optional<Duration> limit = ownLimit(task);
        if (interrupted.fate() instanceof Fate.Late late && limit.isPresent()) {
          server.late(limit.get(), activity.getActivityId(), late.effect());
          waited = waited.plus(limit.get());
          return failed(activity, attempt, RetryState.RETRY_STATE_TIMEOUT, TIMED_OUT);
        }
        if (interrupted.fate() instanceof Fate.Late late) {
          server.late(VirtualTemporal.TASK_TIMEOUT, activity.getActivityId(), late.effect());
        }
        lost = true;
        return died(activity);
      }
      if (!(outcome instanceof Outcome.Failed failed)) {
        return new LocalActivityResult(
            activity.getActivityId(),
            attempt,
            null,
            null,
            RespondActivityTaskCanceledRequest.getDefaultInstance(),
            null);
      }
      if (!RetryRule.allows(policy, failed.failure())) {
        return failed(
            activity, attempt, RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE, failed.failure());
      }
      if (attempt == policy.getMaximumAttempts()) {
        return failed(
            activity, attempt, RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED, failed.failure());
      }
      waited = waited.plus(failed.retryDelay().orElse(RetryRule.delay(policy, attempt)));
      Duration limit = activity.getScheduleToCloseTimeout();
      if (limit != null && waited.compareTo(limit) > 0) {
        return failed(activity, attempt, RetryState.RETRY_STATE_TIMEOUT, failed.failure());
      }
    }
  }

  /** Of those that give up long before the workflow's task would. */
  private static Optional<Duration> ownLimit(PollActivityTaskQueueResponse.Builder task) {
    return Optional.of(Protos.duration(task.getStartToCloseTimeout()))
        .filter(l -> l.compareTo(VirtualTemporal.TASK_TIMEOUT) < 0);
  }

  private static LocalActivityResult failed(
      ExecuteLocalActivityParameters activity, int attempt, RetryState state, Failure failure) {
    return new LocalActivityResult(
        activity.getActivityId(),
        attempt,
        null,
        new LocalActivityResult.ExecutionFailedResult(state, failure, null),
        null,
        null);
  }

  /** Ends the task at once; nobody hears of it. */
  private static LocalActivityResult died(ExecuteLocalActivityParameters activity) {
    return new LocalActivityResult(
        activity.getActivityId(),
        1,
        null,
        null,
        null,
        new LocalActivityResult.ProcessingErrorResult(new Fate.Dies()));
  }
}
