package io.stillpoint.sim.virtual;

import io.temporal.api.command.v1.CancelTimerCommandAttributes;
import io.temporal.api.command.v1.Command;
import io.temporal.api.command.v1.RecordMarkerCommandAttributes;
import io.temporal.api.command.v1.ScheduleActivityTaskCommandAttributes;
import io.temporal.api.command.v1.SignalExternalWorkflowExecutionCommandAttributes;
import io.temporal.api.command.v1.StartChildWorkflowExecutionCommandAttributes;
import io.temporal.api.command.v1.StartTimerCommandAttributes;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.failure.v1.Failure;
import io.temporal.api.history.v1.ActivityTaskCancelRequestedEventAttributes;
import io.temporal.api.history.v1.ActivityTaskScheduledEventAttributes;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.history.v1.MarkerRecordedEventAttributes;
import io.temporal.api.history.v1.SignalExternalWorkflowExecutionInitiatedEventAttributes;
import io.temporal.api.history.v1.StartChildWorkflowExecutionInitiatedEventAttributes;
import io.temporal.api.history.v1.TimerCanceledEventAttributes;
import io.temporal.api.history.v1.TimerFiredEventAttributes;
import io.temporal.api.history.v1.TimerStartedEventAttributes;
import io.temporal.api.history.v1.UpsertWorkflowSearchAttributesEventAttributes;
import io.temporal.api.history.v1.WorkflowExecutionCanceledEventAttributes;
import io.temporal.api.history.v1.WorkflowExecutionCompletedEventAttributes;
import io.temporal.api.history.v1.WorkflowExecutionFailedEventAttributes;
import java.util.List;
import java.util.Optional;

/** Turns what a workflow decided in one task into events, and sets the rest of it going. */
final class Commands {

  private final VirtualTemporal server;
  private final Execution execution;
  private final long completedId;
  private boolean news;

  Commands(VirtualTemporal server, Execution execution, long completedId) {
    this.server = server;
    this.execution = execution;
    this.completedId = completedId;
  }

  static boolean closes(Command command) {
    return switch (command.getCommandType()) {
      case COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
          COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
          COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION ->
          true;
      default -> false;
    };
  }

  /** Whether something happened at once of which the workflow has to hear. */
  boolean isNews() {
    return news;
  }

  void apply(Command command) {
    switch (command.getCommandType()) {
      case COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK ->
          scheduleActivity(command.getScheduleActivityTaskCommandAttributes());
      case COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK ->
          cancelActivity(
              command.getRequestCancelActivityTaskCommandAttributes().getScheduledEventId());
      case COMMAND_TYPE_START_TIMER -> startTimer(command.getStartTimerCommandAttributes());
      case COMMAND_TYPE_CANCEL_TIMER -> cancelTimer(command.getCancelTimerCommandAttributes());
      case COMMAND_TYPE_RECORD_MARKER -> recordMarker(command.getRecordMarkerCommandAttributes());
      case COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION ->
          startChild(command.getStartChildWorkflowExecutionCommandAttributes());
      case COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION ->
          signal(command.getSignalExternalWorkflowExecutionCommandAttributes());
      case COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES -> upsert(command);
      case COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
          COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
          COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION ->
          close(command);
      default -> throw new AssertionError("not simulated: " + command.getCommandType());
    }
  }

  private void scheduleActivity(ScheduleActivityTaskCommandAttributes c) {
    ActivityTaskScheduledEventAttributes.Builder scheduled =
        ActivityTaskScheduledEventAttributes.newBuilder()
            .setActivityId(c.getActivityId())
            .setActivityType(c.getActivityType())
            .setTaskQueue(c.getTaskQueue())
            .setHeader(c.getHeader())
            .setWorkflowTaskCompletedEventId(completedId)
            .setRetryPolicy(c.getRetryPolicy());
    if (c.hasInput()) {
      scheduled.setInput(c.getInput());
    }
    if (c.hasScheduleToCloseTimeout() && !isZero(c.getScheduleToCloseTimeout())) {
      scheduled.setScheduleToCloseTimeout(c.getScheduleToCloseTimeout());
    }
    if (c.hasScheduleToStartTimeout() && !isZero(c.getScheduleToStartTimeout())) {
      scheduled.setScheduleToStartTimeout(c.getScheduleToStartTimeout());
    }
    if (c.hasStartToCloseTimeout() && !isZero(c.getStartToCloseTimeout())) {
      scheduled.setStartToCloseTimeout(c.getStartToCloseTimeout());
    }
    if (c.hasHeartbeatTimeout() && !isZero(c.getHeartbeatTimeout())) {
      scheduled.setHeartbeatTimeout(c.getHeartbeatTimeout());
    }
    ActivityTaskScheduledEventAttributes attributes = scheduled.build();
    long id =
        execution.append(
            EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
            e -> e.setActivityTaskScheduledEventAttributes(attributes));
    execution.activities().put(id, new PendingActivity(server, execution, id, attributes));
  }

  private static boolean isZero(com.google.protobuf.Duration duration) {
    return Protos.duration(duration).isZero();
  }

  /** Cancelling what has just ended is no error, though the workflow does not know of it yet. */
  private void cancelActivity(long scheduledId) {
    long requestedId =
        execution.append(
            EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
            e ->
                e.setActivityTaskCancelRequestedEventAttributes(
                    ActivityTaskCancelRequestedEventAttributes.newBuilder()
                        .setScheduledEventId(scheduledId)
                        .setWorkflowTaskCompletedEventId(completedId)));
    PendingActivity activity = execution.activities().get(scheduledId);
    if (activity != null) {
      news |= activity.requestCancel(requestedId);
    } else if (!execution.isWaiting("activity " + scheduledId)) {
      throw new AssertionError("cancels an activity that is not there: " + scheduledId);
    }
  }

  /** The timers and children of a history whose event is still to come. */
  void beginAgain(List<HistoryEvent> history) {
    for (HistoryEvent event : history) {
      if (event.hasTimerStartedEventAttributes()) {
        TimerStartedEventAttributes timer = event.getTimerStartedEventAttributes();
        execution.timers().put(timer.getTimerId(), event.getEventId());
        server
            .agenda()
            .in(
                Protos.duration(timer.getStartToFireTimeout()),
                () -> fire(timer.getTimerId(), event.getEventId()));
      } else if (event.hasTimerFiredEventAttributes()) {
        execution.timers().remove(event.getTimerFiredEventAttributes().getTimerId());
      } else if (event.hasTimerCanceledEventAttributes()) {
        execution.timers().remove(event.getTimerCanceledEventAttributes().getTimerId());
      } else if (event.hasStartChildWorkflowExecutionInitiatedEventAttributes()) {
        beginAgain(event, history);
      }
    }
  }

  private void beginAgain(HistoryEvent initiated, List<HistoryEvent> history) {
    long id = initiated.getEventId();
    boolean answered =
        history.stream()
            .anyMatch(
                e ->
                    e.getChildWorkflowExecutionStartedEventAttributes().getInitiatedEventId() == id
                        || e.getStartChildWorkflowExecutionFailedEventAttributes()
                                .getInitiatedEventId()
                            == id);
    if (!answered) {
      StartChildWorkflowExecutionInitiatedEventAttributes child =
          initiated.getStartChildWorkflowExecutionInitiatedEventAttributes();
      server.startChild(
          execution,
          StartChildWorkflowExecutionCommandAttributes.newBuilder()
              .setWorkflowId(child.getWorkflowId())
              .setWorkflowType(child.getWorkflowType())
              .setTaskQueue(child.getTaskQueue())
              .setInput(child.getInput())
              .setParentClosePolicy(child.getParentClosePolicy())
              .build(),
          id);
    }
  }

  private void startTimer(StartTimerCommandAttributes c) {
    String timer = c.getTimerId();
    long id =
        execution.append(
            EventType.EVENT_TYPE_TIMER_STARTED,
            e ->
                e.setTimerStartedEventAttributes(
                    TimerStartedEventAttributes.newBuilder()
                        .setTimerId(timer)
                        .setStartToFireTimeout(c.getStartToFireTimeout())
                        .setWorkflowTaskCompletedEventId(completedId)));
    execution.timers().put(timer, id);
    server.agenda().in(Protos.duration(c.getStartToFireTimeout()), () -> fire(timer, id));
  }

  private void fire(String timer, long startedId) {
    if (!execution.timers().remove(timer, startedId)) {
      return;
    }
    execution.deliver(
        "timer " + timer,
        () ->
            execution.append(
                EventType.EVENT_TYPE_TIMER_FIRED,
                e ->
                    e.setTimerFiredEventAttributes(
                        TimerFiredEventAttributes.newBuilder()
                            .setTimerId(timer)
                            .setStartedEventId(startedId))));
  }

  private void cancelTimer(CancelTimerCommandAttributes c) {
    Long startedId = execution.timers().remove(c.getTimerId());
    execution.takeBack("timer " + c.getTimerId());
    execution.append(
        EventType.EVENT_TYPE_TIMER_CANCELED,
        e ->
            e.setTimerCanceledEventAttributes(
                TimerCanceledEventAttributes.newBuilder()
                    .setTimerId(c.getTimerId())
                    .setStartedEventId(startedId == null ? 0 : startedId)
                    .setWorkflowTaskCompletedEventId(completedId)));
  }

  private void recordMarker(RecordMarkerCommandAttributes c) {
    MarkerRecordedEventAttributes.Builder marker =
        MarkerRecordedEventAttributes.newBuilder()
            .setMarkerName(c.getMarkerName())
            .putAllDetails(c.getDetailsMap())
            .setWorkflowTaskCompletedEventId(completedId);
    if (c.hasFailure()) {
      marker.setFailure(c.getFailure());
    }
    execution.append(
        EventType.EVENT_TYPE_MARKER_RECORDED, e -> e.setMarkerRecordedEventAttributes(marker));
  }

  private void startChild(StartChildWorkflowExecutionCommandAttributes c) {
    long id =
        execution.append(
            EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
            e ->
                e.setStartChildWorkflowExecutionInitiatedEventAttributes(
                    StartChildWorkflowExecutionInitiatedEventAttributes.newBuilder()
                        .setWorkflowId(c.getWorkflowId())
                        .setWorkflowType(c.getWorkflowType())
                        .setTaskQueue(c.getTaskQueue())
                        .setInput(c.getInput())
                        .setParentClosePolicy(c.getParentClosePolicy())
                        .setWorkflowTaskCompletedEventId(completedId)));
    server.startChild(execution, c, id);
  }

  private void signal(SignalExternalWorkflowExecutionCommandAttributes c) {
    long id =
        execution.append(
            EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
            e ->
                e.setSignalExternalWorkflowExecutionInitiatedEventAttributes(
                    SignalExternalWorkflowExecutionInitiatedEventAttributes.newBuilder()
                        .setWorkflowExecution(c.getExecution())
                        .setSignalName(c.getSignalName())
                        .setInput(c.getInput())
                        .setChildWorkflowOnly(c.getChildWorkflowOnly())
                        .setWorkflowTaskCompletedEventId(completedId)));
    server.signalFrom(execution, c, id);
  }

  private void upsert(Command command) {
    execution.append(
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        e ->
            e.setUpsertWorkflowSearchAttributesEventAttributes(
                UpsertWorkflowSearchAttributesEventAttributes.newBuilder()
                    .setSearchAttributes(
                        command
                            .getUpsertWorkflowSearchAttributesCommandAttributes()
                            .getSearchAttributes())
                    .setWorkflowTaskCompletedEventId(completedId)));
  }

  private void close(Command command) {
    switch (command.getCommandType()) {
      case COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION -> {
        Payloads result = command.getCompleteWorkflowExecutionCommandAttributes().getResult();
        execution.append(
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
            e ->
                e.setWorkflowExecutionCompletedEventAttributes(
                    WorkflowExecutionCompletedEventAttributes.newBuilder()
                        .setResult(result)
                        .setWorkflowTaskCompletedEventId(completedId)));
        execution.close(
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED,
            Optional.of(result),
            Optional.empty());
      }
      case COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION -> {
        Failure failure = command.getFailWorkflowExecutionCommandAttributes().getFailure();
        execution.append(
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
            e ->
                e.setWorkflowExecutionFailedEventAttributes(
                    WorkflowExecutionFailedEventAttributes.newBuilder()
                        .setFailure(failure)
                        .setWorkflowTaskCompletedEventId(completedId)));
        execution.close(
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED,
            Optional.empty(),
            Optional.of(failure));
      }
      default -> {
        execution.append(
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
            e ->
                e.setWorkflowExecutionCanceledEventAttributes(
                    WorkflowExecutionCanceledEventAttributes.newBuilder()
                        .setWorkflowTaskCompletedEventId(completedId)));
        execution.close(
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED,
            Optional.empty(),
            Optional.empty());
      }
    }
  }
}
