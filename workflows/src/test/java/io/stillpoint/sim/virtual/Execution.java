package io.stillpoint.sim.virtual;

import io.temporal.api.command.v1.Command;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.common.v1.WorkflowType;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.enums.v1.WorkflowTaskFailedCause;
import io.temporal.api.failure.v1.Failure;
import io.temporal.api.history.v1.History;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.history.v1.WorkflowTaskCompletedEventAttributes;
import io.temporal.api.history.v1.WorkflowTaskFailedEventAttributes;
import io.temporal.api.history.v1.WorkflowTaskScheduledEventAttributes;
import io.temporal.api.history.v1.WorkflowTaskStartedEventAttributes;
import io.temporal.api.history.v1.WorkflowTaskTimedOutEventAttributes;
import io.temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse;
import io.temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest;
import io.temporal.internal.worker.WorkflowTaskHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One run of a workflow: its history, and the workflow's tasks that lengthen it. */
public final class Execution {

  /** An event that came while a worker was deciding, which must not see it yet. */
  private record Waiting(String key, Runnable writer) {}

  private final VirtualTemporal server;
  private final WorkflowExecution id;
  private final WorkflowType type;
  private final Optional<ChildLink> parent;
  private final List<HistoryEvent> history = new ArrayList<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private final Map<Long, PendingActivity> activities = new HashMap<>();
  private final Map<String, Long> timers = new HashMap<>();
  private WorkflowExecutionStatus status =
      WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
  private Optional<Payloads> result = Optional.empty();
  private Optional<Failure> failure = Optional.empty();
  private boolean taskScheduled;
  private boolean deciding;
  private boolean cached;
  private long taskScheduledId;
  private long taskStartedId;
  private long decidedStartedId;

  Execution(
      VirtualTemporal server, WorkflowExecution id, WorkflowType type, Optional<ChildLink> parent) {
    this.server = server;
    this.id = id;
    this.type = type;
    this.parent = parent;
  }

  /**
   * @param initiatedId the parent's event that asked for this run
   */
  record ChildLink(Execution parent, long initiatedId) {}

  /**
   * Begins with another run's history, up to a task of that, as a server does that resets it. What
   * had not ended there begins anew, but for children that had started: nobody hears of them again.
   *
   * @param startedId the event with which the task started, which is decided anew
   */
  void beginFrom(Execution first, long startedId) {
    history.addAll(first.history.subList(0, (int) startedId));
    taskStartedId = startedId;
    taskScheduledId =
        history
            .get((int) startedId - 1)
            .getWorkflowTaskStartedEventAttributes()
            .getScheduledEventId();
    decidedStartedId =
        history.stream()
            .filter(HistoryEvent::hasWorkflowTaskCompletedEventAttributes)
            .mapToLong(e -> e.getWorkflowTaskCompletedEventAttributes().getStartedEventId())
            .max()
            .orElse(0);
    append(
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
        e ->
            e.setWorkflowTaskFailedEventAttributes(
                WorkflowTaskFailedEventAttributes.newBuilder()
                    .setScheduledEventId(taskScheduledId)
                    .setStartedEventId(taskStartedId)
                    .setCause(WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW)
                    .setBaseRunId(first.runId())
                    .setNewRunId(runId())));
    for (HistoryEvent event : List.copyOf(history)) {
      if (event.hasActivityTaskScheduledEventAttributes() && !hasEnded(event.getEventId())) {
        activities.put(
            event.getEventId(),
            new PendingActivity(
                server, this, event.getEventId(), event.getActivityTaskScheduledEventAttributes()));
      }
    }
    new Commands(server, this, startedId).beginAgain(List.copyOf(history));
    scheduleTask();
  }

  private boolean hasEnded(long scheduledId) {
    return history.stream()
        .anyMatch(
            e ->
                e.getActivityTaskCompletedEventAttributes().getScheduledEventId() == scheduledId
                    || e.getActivityTaskFailedEventAttributes().getScheduledEventId() == scheduledId
                    || e.getActivityTaskTimedOutEventAttributes().getScheduledEventId()
                        == scheduledId
                    || e.getActivityTaskCanceledEventAttributes().getScheduledEventId()
                        == scheduledId);
  }

  /** The events with which its tasks started, each of which it can be reset to. */
  public List<Long> tasks() {
    return history.stream()
        .filter(HistoryEvent::hasWorkflowTaskStartedEventAttributes)
        .map(HistoryEvent::getEventId)
        .toList();
  }

  WorkflowExecution id() {
    return id;
  }

  public String workflowId() {
    return id.getWorkflowId();
  }

  public String runId() {
    return id.getRunId();
  }

  WorkflowType type() {
    return type;
  }

  public boolean isOpen() {
    return status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
  }

  public boolean isCompleted() {
    return status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED;
  }

  public Optional<Failure> failure() {
    return failure;
  }

  /** The workflow id of the parent, empty without one. */
  public String parentId() {
    return parent.map(p -> p.parent().workflowId()).orElse("");
  }

  Optional<ChildLink> parent() {
    return parent;
  }

  Optional<Payloads> result() {
    return result;
  }

  WorkflowExecutionStatus status() {
    return status;
  }

  Map<String, Long> timers() {
    return timers;
  }

  Map<Long, PendingActivity> activities() {
    return activities;
  }

  /** Every event so far, by type, and by name where it is an activity's. */
  public List<String> events() {
    return history.stream()
        .map(
            e ->
                e.getEventType().name().replace("EVENT_TYPE_", "")
                    + (e.hasActivityTaskScheduledEventAttributes()
                        ? " "
                            + e.getActivityTaskScheduledEventAttributes()
                                .getActivityType()
                                .getName()
                        : ""))
        .toList();
  }

  /**
   * @return the id of the new event
   */
  long append(EventType eventType, Consumer<HistoryEvent.Builder> attributes) {
    HistoryEvent.Builder event =
        HistoryEvent.newBuilder()
            .setEventId(history.size() + 1L)
            .setEventType(eventType)
            .setEventTime(Protos.time(server.agenda().now()));
    attributes.accept(event);
    history.add(event.build());
    return history.size();
  }

  /** Something happened that the workflow is to know of. */
  void deliver(String key, Runnable writer) {
    if (!isOpen()) {
      return;
    }
    if (deciding) {
      waiting.add(new Waiting(key, writer));
    } else {
      writer.run();
      scheduleTask();
    }
  }

  /** Whether the event was still kept back. */
  boolean takeBack(String key) {
    return waiting.removeIf(w -> w.key().equals(key));
  }

  boolean isWaiting(String key) {
    return waiting.stream().anyMatch(w -> w.key().equals(key));
  }

  void activityClosed(long scheduledId) {
    activities.remove(scheduledId);
  }

  void scheduleTask() {
    if (!isOpen() || taskScheduled) {
      return;
    }
    taskScheduled = true;
    taskScheduledId =
        append(
            EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
            e ->
                e.setWorkflowTaskScheduledEventAttributes(
                    WorkflowTaskScheduledEventAttributes.newBuilder()
                        .setAttempt(1)
                        .setStartToCloseTimeout(Protos.duration(VirtualTemporal.TASK_TIMEOUT))));
    server
        .agenda()
        .in(
            server.timing().of(Timing.Step.DISPATCH, runId()),
            () -> server.whenUp(server.workflowQueue(), this::startTask));
  }

  private void startTask() {
    if (!isOpen()) {
      return;
    }
    taskStartedId =
        append(
            EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
            e ->
                e.setWorkflowTaskStartedEventAttributes(
                    WorkflowTaskStartedEventAttributes.newBuilder()
                        .setScheduledEventId(taskScheduledId)
                        .setIdentity("virtual")));
    deciding = true;
    int generation = server.generation(server.workflowQueue());
    server.local().begin(generation);
    WorkflowTaskHandler.Result decided = server.worker().decide(task());
    boolean lost = server.local().lost();
    server
        .agenda()
        .in(
            server.timing().of(Timing.Step.DECIDE, runId()).plus(server.local().waited()),
            () -> {
              if (lost || generation != server.generation(server.workflowQueue())) {
                server.agenda().in(VirtualTemporal.TASK_TIMEOUT, this::taskTimedOut);
              } else {
                decided(decided);
              }
            });
  }

  private PollWorkflowTaskQueueResponse task() {
    List<HistoryEvent> news =
        cached ? history.subList((int) decidedStartedId, history.size()) : history;
    return PollWorkflowTaskQueueResponse.newBuilder()
        .setWorkflowExecution(id)
        .setWorkflowType(type)
        .setStartedEventId(taskStartedId)
        .setPreviousStartedEventId(decidedStartedId)
        .setAttempt(1)
        .setHistory(History.newBuilder().addAllEvents(news))
        .build();
  }

  private void taskTimedOut() {
    if (!isOpen()) {
      return;
    }
    append(
        EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
        e ->
            e.setWorkflowTaskTimedOutEventAttributes(
                WorkflowTaskTimedOutEventAttributes.newBuilder()
                    .setScheduledEventId(taskScheduledId)
                    .setStartedEventId(taskStartedId)
                    .setTimeoutType(TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE)));
    cached = false;
    taskEnded();
    scheduleTask();
  }

  private void decided(WorkflowTaskHandler.Result decided) {
    if (!isOpen()) {
      return;
    }
    if (decided.getTaskFailed() != null) {
      throw new AssertionError(
          "a task of %s failed: %s".formatted(workflowId(), decided.getTaskFailed().getFailure()));
    }
    RespondWorkflowTaskCompletedRequest completed = decided.getTaskCompleted();
    boolean closes = completed.getCommandsList().stream().anyMatch(Commands::closes);
    if (closes && !waiting.isEmpty()) {
      unhandled();
      return;
    }
    long completedId =
        append(
            EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
            e ->
                e.setWorkflowTaskCompletedEventAttributes(
                    WorkflowTaskCompletedEventAttributes.newBuilder()
                        .setScheduledEventId(taskScheduledId)
                        .setStartedEventId(taskStartedId)
                        .setSdkMetadata(completed.getSdkMetadata())));
    decidedStartedId = taskStartedId;
    cached = true;
    Commands commands = new Commands(server, this, completedId);
    for (Command command : completed.getCommandsList()) {
      commands.apply(command);
    }
    if (isOpen() && (taskEnded() | completed.getForceCreateNewWorkflowTask() | commands.isNews())) {
      scheduleTask();
    }
  }

  /** A workflow must not end without having seen what came meanwhile: it decides anew. */
  private void unhandled() {
    append(
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
        e ->
            e.setWorkflowTaskFailedEventAttributes(
                WorkflowTaskFailedEventAttributes.newBuilder()
                    .setScheduledEventId(taskScheduledId)
                    .setStartedEventId(taskStartedId)
                    .setCause(
                        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND)));
    cached = false;
    taskEnded();
    scheduleTask();
  }

  /** True if something had been kept back. */
  private boolean taskEnded() {
    deciding = false;
    taskScheduled = false;
    boolean any = !waiting.isEmpty();
    List<Waiting> now = List.copyOf(waiting);
    waiting.clear();
    now.forEach(w -> w.writer().run());
    return any;
  }

  /** The workers that knew it are gone; the next one replays. */
  void forget() {
    cached = false;
  }

  void close(
      WorkflowExecutionStatus end, Optional<Payloads> returned, Optional<Failure> endFailure) {
    status = end;
    result = returned;
    failure = endFailure;
    server.closed(this);
  }
}
