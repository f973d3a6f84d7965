package io.stillpoint.cli;

import io.stillpoint.cli.StatusCommand.LastGood;
import io.stillpoint.cli.StatusCommand.Running;
import io.stillpoint.client.ScheduleState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What somebody who looks after backups must hear: nights that were planned and brought nothing.
 */
final class ScheduleWarnings {
  private static final Duration GRACE = Duration.ofHours(1);

  private ScheduleWarnings() {}

  static List<String> of(
      List<ScheduleState> schedules, List<LastGood> lastGood, List<Running> running, Instant now) {
    List<String> warnings = new ArrayList<>();
    for (ScheduleState schedule : schedules) {
      Optional<LastGood> good =
          lastGood.stream().filter(g -> g.cluster().equals(schedule.cluster())).findFirst();
      boolean atWork =
          running.stream()
              .anyMatch(r -> r.kind().equals("backup") && r.cluster().equals(schedule.cluster()));
      if (schedule.paused()) {
        warnings.add(
            "schedule %s of cluster %s is paused%s"
                .formatted(
                    schedule.name(),
                    schedule.cluster(),
                    schedule.note().isBlank() ? "" : ": " + schedule.note()));
      } else if (!atWork) {
        missed(schedule, good, now).ifPresent(warnings::add);
      }
      if (schedule.missed() > 0) {
        warnings.add(
            "schedule %s of cluster %s could not start %d times, because temporal was down"
                .formatted(schedule.name(), schedule.cluster(), schedule.missed()));
      }
    }
    return warnings;
  }

  private static Optional<String> missed(
      ScheduleState schedule, Optional<LastGood> good, Instant now) {
    Instant lastGood = good.map(LastGood::completedAt).orElse(Instant.MIN);
    Optional<ScheduleState.Start> last = schedule.recent().stream().findFirst();
    if (last.isPresent() && lastGood.isBefore(last.get().plannedAt())) {
      return Optional.of(
          "cluster %s has no good backup since %s, when schedule %s started %s: %s"
              .formatted(
                  schedule.cluster(),
                  last.get().plannedAt(),
                  schedule.name(),
                  last.get().workflowId(),
                  last.get().outcome()));
    }
    // A start that was never made leaves no trace but the age of the last good backup.
    Instant since = lastGood.isAfter(schedule.createdAt()) ? lastGood : schedule.createdAt();
    Duration age = Duration.between(since, now);
    return schedule
        .longestGap()
        .filter(gap -> age.compareTo(gap.plus(GRACE)) > 0)
        .map(
            gap ->
                "cluster %s has had no good backup for %s, though schedule %s plans one every %s"
                    .formatted(
                        schedule.cluster(),
                        Durations.words(age),
                        schedule.name(),
                        Durations.words(gap)));
  }
}
