package io.stillpoint.client;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionExecution;
import io.temporal.client.schedules.ScheduleActionExecutionStartWorkflow;
import io.temporal.client.schedules.ScheduleActionResult;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleCalendarSpec;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleInfo;
import io.temporal.client.schedules.ScheduleSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads {@link ScheduleState} out of Temporal's description. */
final class ScheduleStates {
  /** Memo: the times as they were asked for; Temporal itself keeps only calendars. */
  static final String WHEN = "when";

  private static final Duration RESULT = Duration.ofSeconds(5);

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
        info.getNumActionsMissedCatchupWindow(),
        rules(description));
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
          name,
          "",
          e.getMessage(),
          false,
          "",
          Instant.EPOCH,
          List.of(),
          List.of(),
          0,
          0,
          0,
          ScheduleState.Rules.UNKNOWN);
    }
  }

  private static ScheduleState.Rules rules(ScheduleDescription description) {
    Schedule schedule = description.getSchedule();
    String policy =
        schedule.getPolicy().getOverlap().name().replace("SCHEDULE_OVERLAP_POLICY_", "");
    // Unspecified is the server's default.
    String overlap =
        policy.equals("UNSPECIFIED")
            ? "Skip"
            : Stream.of(policy.split("_"))
                .map(w -> w.charAt(0) + w.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    return new ScheduleState.Rules(
        overlap,
        Optional.ofNullable(schedule.getPolicy().getCatchupWindow()).orElse(Duration.ZERO),
        Optional.ofNullable(schedule.getSpec().getJitter()).orElse(Duration.ZERO),
        retention(input(description).get("retention")));
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
    WorkflowHandle run = new WorkflowHandle(client, workflowId, workflowId, WorkflowHandle.PICK_UP);
    return run.find()
        .map(WorkflowExecutionMetadata::getStatus)
        .map(s -> word(s, run))
        .orElse("GONE");
  }

  /** Why a start failed is what people look for: a cluster that was busy is told from a defect. */
  private static String word(WorkflowExecutionStatus status, WorkflowHandle run) {
    String word = status.name().replace("WORKFLOW_EXECUTION_STATUS_", "");
    if (status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED) {
      return word;
    }
    try {
      run.await(RESULT, Object.class, Object.class);
      return word;
    } catch (StillpointException e) {
      return "%s (%s)".formatted(word, e.code());
    }
  }

  private static String cluster(ScheduleDescription description) {
    return input(description).get("cluster") instanceof String name ? name : "";
  }

  /** As {@code keepDaily 14, minimumAge PT48H}. */
  private static String retention(Object rules) {
    return rules instanceof Map<?, ?> fields
        ? fields.entrySet().stream()
            .filter(rule -> rule.getValue() != null && !rule.getValue().equals(0))
            .map(rule -> "%s %s".formatted(rule.getKey(), rule.getValue()))
            .collect(Collectors.joining(", "))
        : "";
  }

  /** Another tool may have written it in a shape that is not ours. */
  private static Map<?, ?> input(ScheduleDescription description) {
    return description.getSchedule().getAction() instanceof ScheduleActionStartWorkflow action
            && action.getArguments().getSize() > 0
            && action.getArguments().get(0, Object.class) instanceof Map<?, ?> fields
        ? fields
        : Map.of();
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
