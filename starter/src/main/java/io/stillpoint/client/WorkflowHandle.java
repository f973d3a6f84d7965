package io.stillpoint.client;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.error.TemporalProblems;
import io.stillpoint.policy.SearchAttributes;
import io.temporal.api.enums.v1.PendingWorkflowTaskState;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.workflow.v1.PendingWorkflowTaskInfo;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** One workflow, with bounded calls and our own errors. */
final class WorkflowHandle {
  /** A workflow whose first task nobody took in this time has no worker. */
  static final Duration PICK_UP = Duration.ofSeconds(15);

  private static final int BUSY_TRIES = 60;
  private static final Duration BUSY_PAUSE = Duration.ofMillis(250);
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(150);
  // Started, first task scheduled and started, and how that task ended.
  private static final long EVENTS_OF_FIRST_TASK = 4;

  private final WorkflowClient client;
  private final WorkflowStub stub;
  private final String what;
  private final Duration pickUp;
  private final Duration answer;

  WorkflowHandle(WorkflowClient client, String workflowId, String what, Duration pickUp) {
    this(client, workflowId, what, pickUp, ANSWER);
  }

  /**
   * @param answer how long to wait for an answer to a question
   */
  WorkflowHandle(
      WorkflowClient client, String workflowId, String what, Duration pickUp, Duration answer) {
    this.client = client;
    this.answer = answer;
    stub = client.newUntypedWorkflowStub(workflowId);
    this.what = what;
    this.pickUp = pickUp;
  }

  String what() {
    return what;
  }

  /** How to look at it, whether it runs or has ended. */
  String watchHint() {
    String id = stub.getExecution().getWorkflowId();
    return "see how it ended with: stillpoint watch " + id.substring(id.indexOf('/') + 1);
  }

  WorkflowExecutionDescription description() {
    return translated(stub::describe);
  }

  Optional<WorkflowExecutionDescription> find() {
    try {
      return Optional.of(description());
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.OPERATION_UNKNOWN) {
        return Optional.empty();
      }
      throw e;
    }
  }

  boolean isRunning() {
    return isRunning(description());
  }

  static boolean isRunning(WorkflowExecutionDescription description) {
    return description.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
  }

  /**
   * Returns once a worker has taken the workflow up. Otherwise withdraws it by a cancel request,
   * which is safe even when a worker takes it up at this very moment, and throws NO_WORKER. A
   * worker that fails the very first task, as an older build does that does not know the workflow,
   * has not taken it up.
   */
  void awaitPickedUp() {
    Instant deadline = Instant.now().plus(pickUp);
    while (!pickedUpBefore(deadline)) {
      if (Instant.now().isAfter(deadline)) {
        translated(
            () -> {
              stub.cancel("no worker took it up");
              return null;
            });
        throw failedFirstTask()
            .map(f -> ClientErrors.wrongWorker(what, f))
            .orElseGet(() -> ClientErrors.noWorker(what, null));
      }
      pause();
    }
  }

  /** What was started runs, though Temporal may be too busy to say so at once. */
  private boolean pickedUpBefore(Instant deadline) {
    try {
      return pickedUp();
    } catch (StillpointException e) {
      if (!TemporalProblems.mayPass(e) || Instant.now().isAfter(deadline)) {
        throw e;
      }
      return false;
    }
  }

  boolean pickedUp() {
    WorkflowExecutionDescription now = description();
    if (!isRunning(now) || now.getHistoryLength() > EVENTS_OF_FIRST_TASK) {
      return true;
    }
    return now.getHistoryLength() == EVENTS_OF_FIRST_TASK && failedFirstTask().isEmpty();
  }

  /** What the worker said that could not do the first task; further tries add no events. */
  private Optional<String> failedFirstTask() {
    List<HistoryEvent> events =
        translated(() -> client.fetchHistory(stub.getExecution().getWorkflowId()).getEvents());
    return events.stream()
        .limit(EVENTS_OF_FIRST_TASK)
        .filter(HistoryEvent::hasWorkflowTaskFailedEventAttributes)
        .map(e -> e.getWorkflowTaskFailedEventAttributes().getFailure())
        .map(f -> Failures.messageOf(client.getOptions().getDataConverter().failureToException(f)))
        .findFirst();
  }

  <R> R query(String name, Class<R> type) {
    return answered(() -> stub.query(name, type));
  }

  /**
   * @param refused the code of a refusal by the update's validator: Java SDK 1.38 passes only its
   *     message on, not its type
   */
  <R> R update(String name, ErrorCode refused, Class<R> type, Object argument) {
    try {
      return answered(
          () -> {
            try {
              return stub.update(name, type, argument);
            } catch (WorkflowUpdateException e) {
              throw ClientErrors.ofUpdate(e, what, refused);
            }
          });
    } catch (StillpointException e) {
      throw e.code() == ErrorCode.OPERATION_UNKNOWN ? orEnded(e) : e;
    }
  }

  /** Temporal says the same of a workflow that has ended as of one that never was. */
  private StillpointException orEnded(StillpointException unknown) {
    return find()
        .map(
            d ->
                new StillpointException(
                    ErrorCode.NOT_WAITING,
                    "%s has ended, so it waits for nothing".formatted(what),
                    watchHint(),
                    unknown))
        .orElse(unknown);
  }

  void cancel(String reason) {
    translated(
        () -> {
          stub.cancel(reason);
          return null;
        });
  }

  /**
   * The result, or nothing if it has not ended within this time. A run that was ended by a reset
   * has a second one, whose result is the one that counts.
   */
  <R> Optional<R> await(Duration limit, Class<R> type, java.lang.reflect.Type generic) {
    try {
      return awaitRun(limit, type, generic);
    } catch (StillpointException e) {
      if (!ClientErrors.isTerminated(e)) {
        throw e;
      }
      WorkflowExecutionDescription now = description();
      if (isTerminated(now)) {
        throw ClientErrors.terminated(what, cluster(now), e);
      }
      return awaitRun(limit, type, generic);
    }
  }

  private static boolean isTerminated(WorkflowExecutionDescription description) {
    return description.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED;
  }

  /**
   * How it was ended from outside; empty for any other end. A worker that still holds such a
   * workflow answers no question about it, and any other answers as if it still ran.
   */
  Optional<Termination> termination() {
    WorkflowExecutionDescription now = description();
    return isTerminated(now)
        ? Optional.of(
            Termination.of(
                now,
                translated(
                    () -> client.fetchHistory(stub.getExecution().getWorkflowId()).getEvents()),
                client.getOptions().getDataConverter()))
        : Optional.empty();
  }

  /** What every operation's description has. */
  private record Described(String cluster) {}

  private Optional<String> cluster(WorkflowExecutionDescription of) {
    String attribute = of.getTypedSearchAttributes().get(SearchAttributes.CLUSTER);
    if (attribute != null) {
      return Optional.of(attribute);
    }
    try {
      return Optional.ofNullable(query("describe", Described.class).cluster())
          .filter(c -> !c.isEmpty());
    } catch (StillpointException e) {
      // Nobody can say it now; what is told then is how to find out.
      return Optional.empty();
    }
  }

  private <R> Optional<R> awaitRun(Duration limit, Class<R> type, java.lang.reflect.Type generic) {
    return translated(
        () -> {
          try {
            return Optional.ofNullable(
                stub.getResult(limit.toMillis(), TimeUnit.MILLISECONDS, type, generic));
          } catch (TimeoutException e) {
            return Optional.empty();
          }
        });
  }

  /** For short workflows: the result, or NO_WORKER if nobody takes it up. */
  <R> R result(Duration limit, Class<R> type, java.lang.reflect.Type generic) {
    Optional<R> early = await(pickUp, type, generic);
    if (early.isPresent()) {
      return early.get();
    }
    awaitPickedUp();
    return await(limit, type, generic)
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.NO_WORKER,
                    "%s did not end within %d s".formatted(what, limit.toSeconds()),
                    "look at the log of the control worker"));
  }

  /** A server refuses questions to a workflow that is in the middle of its steps: "busy". */
  private static <R> R patiently(Supplier<R> call) {
    for (int i = 1; ; i++) {
      try {
        return call.get();
      } catch (RuntimeException e) {
        if (i == BUSY_TRIES || !ClientErrors.isBusy(e)) {
          throw e;
        }
        LockSupport.parkNanos(BUSY_PAUSE.toNanos());
      }
    }
  }

  /** Queries and updates wait for a worker; a person should not wait for ever. */
  private <R> R answered(Supplier<R> call) {
    CompletableFuture<R> asked =
        CompletableFuture.supplyAsync(() -> patiently(call), ForkJoinPool.commonPool());
    try {
      return asked.get(answer.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw ClientErrors.unanswered(what, answer, busySince(), e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw ClientErrors.of(cause, what);
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    }
  }

  /**
   * Since when a worker has been at the workflow's own task. Steps that run within it, with their
   * retries, keep it from answering; the task of a worker that died is nobody's long before.
   */
  private Optional<Instant> busySince() {
    PendingWorkflowTaskInfo task = description().getRawDescription().getPendingWorkflowTask();
    return task.getState() == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
        ? Optional.of(Instant.ofEpochSecond(task.getOriginalScheduledTime().getSeconds()))
        : Optional.empty();
  }

  private <R> R translated(Supplier<R> call) {
    try {
      return patiently(call);
    } catch (RuntimeException e) {
      throw ClientErrors.of(e, what);
    }
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    }
  }

  private StillpointException interrupted(InterruptedException e) {
    return new StillpointException(
        ErrorCode.CANCELLED, "waiting for %s was interrupted".formatted(what), "", e);
  }
}
