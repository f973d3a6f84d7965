package io.stillpoint.client;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.schedules.ScheduleActionExecution;
import io.temporal.client.schedules.ScheduleActionExecutionStartWorkflow;
import io.temporal.client.schedules.ScheduleActionResult;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleCalendarSpec;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleInfo;
import io.temporal.client.schedules.ScheduleSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Reads {@link ScheduleState} out of Temporal's description. */
final class ScheduleStates {
  /** Memo: the times as they were asked for; Temporal itself keeps only calendars. */
  static final String WHEN = "when";

  private final WorkflowClient client;

  ScheduleStates(WorkflowClient client) {
    this.client = client;
  }

  ScheduleState of(ScheduleDescription description) {
    ScheduleInfo info = description.getInfo();
    List<ScheduleState.Start> recent = new ArrayList<>();
    for (ScheduleActionResult start : info.getRecentActions()) {
      recent.add(0, start(start));
    }
    return new ScheduleState(
        description.getId(),
        cluster(description),
        when(description),
        description.getSchedule().getState().isPaused(),
        description.getSchedule().getState().getNote(),
        info.getCreatedAt(),
        info.getNextActionTimes(),
        recent,
        info.getNumActions(),
        info.getNumActionsSkippedOverlap(),
        info.getNumActionsMissedCatchupWindow());
  }

  /** One schedule that cannot be read must not hide the others. */
  ScheduleState readable(String name, Supplier<ScheduleState> described) {
    try {
      return described.get();
    } catch (StillpointException e) {
      if (e.code() != ErrorCode.TEMPORAL_REFUSED) {
        throw e;
      }
      return new ScheduleState(
          name, "", e.getMessage(), false, "", Instant.EPOCH, List.of(), List.of(), 0, 0, 0);
    }
  }

  private ScheduleState.Start start(ScheduleActionResult start) {
    ScheduleActionExecution action = start.getAction();
    String workflowId =
        action instanceof ScheduleActionExecutionStartWorkflow started
            ? started.getWorkflowId()
            : "";
    return new ScheduleState.Start(start.getScheduledAt(), workflowId, outcome(workflowId));
  }

  private String outcome(String workflowId) {
    return new WorkflowHandle(client, workflowId, workflowId, WorkflowHandle.PICK_UP)
        .find()
        .map(WorkflowExecutionMetadata::getStatus)
        .map(s -> s.name().replace("WORKFLOW_EXECUTION_STATUS_", ""))
        .orElse("GONE");
  }

  /** By the input, which another tool may have written in a shape that is not ours. */
  private static String cluster(ScheduleDescription description) {
    if (!(description.getSchedule().getAction() instanceof ScheduleActionStartWorkflow action)
        || action.getArguments().getSize() == 0) {
      return "";
    }
    Object input = action.getArguments().get(0, Object.class);
    return input instanceof Map<?, ?> fields && fields.get("cluster") instanceof String name
        ? name
        : "";
  }

  private static String when(ScheduleDescription description) {
    try {
      Object memo = description.getMemo(WHEN, String.class);
      if (memo != null) {
        return memo.toString();
      }
    } catch (RuntimeException e) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "the memo of schedule '%s' cannot be read".formatted(description.getId()),
          "delete it and make it again with: stillpoint schedule create",
          e);
    }
    ScheduleSpec times = description.getSchedule().getSpec();
    List<String> words = new ArrayList<>(times.getCronExpressions());
    times.getIntervals().forEach(i -> words.add("every " + i.getEvery()));
    Optional.ofNullable(times.getCalendars()).orElse(List.of()).stream()
        .map(ScheduleCalendarSpec::getComment)
        .filter(c -> c != null && !c.isBlank())
        .forEach(c -> words.add("cron " + c));
    return words.stream().collect(Collectors.joining(", "));
  }
}
