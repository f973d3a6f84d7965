package io.stillpoint.cli;

import io.stillpoint.client.ScheduleState;
import java.util.ArrayList;
import java.util.List;

/** Schedules as people read them. */
final class ScheduleView {
  private static final int STARTS = 3;

  private ScheduleView() {}

  static List<String> of(ScheduleState schedule) {
    List<String> lines = new ArrayList<>();
    lines.add("schedule  " + schedule.name());
    lines.add("cluster   " + schedule.cluster());
    lines.add("when      " + schedule.when());
    lines.add("state     " + state(schedule));
    lines.add(
        "rules     overlap %s, catch-up %s, jitter %s"
            .formatted(
                schedule.rules().overlap(),
                Durations.words(schedule.rules().catchUp()),
                Durations.words(schedule.rules().jitter())));
    if (!schedule.rules().retention().isEmpty()) {
      lines.add("keeps     " + schedule.rules().retention());
    }
    schedule.next().stream().limit(STARTS).forEach(n -> lines.add("next      " + n));
    lines.add(
        "starts    %d, left out %d, missed %d"
            .formatted(schedule.starts(), schedule.skipped(), schedule.missed()));
    for (ScheduleState.Start start : schedule.recent()) {
      lines.add(
          "start     %s  %s  %s".formatted(start.plannedAt(), start.outcome(), start.workflowId()));
    }
    return lines;
  }

  static List<String> table(List<ScheduleState> schedules) {
    Table table = new Table("SCHEDULE", "CLUSTER", "WHEN", "STATE", "NEXT", "LAST");
    for (ScheduleState s : schedules) {
      table.row(
          s.name(),
          s.cluster().isEmpty() ? "?" : s.cluster(),
          s.when(),
          s.paused() ? "paused" : "active",
          s.paused() || s.next().isEmpty() ? "-" : s.next().get(0),
          s.recent().isEmpty() ? "-" : s.recent().get(0).outcome());
    }
    return table.lines();
  }

  private static String state(ScheduleState schedule) {
    if (!schedule.paused()) {
      return "active";
    }
    return schedule.note().isBlank() ? "paused" : "paused: " + schedule.note();
  }
}
