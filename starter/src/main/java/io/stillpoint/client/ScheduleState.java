package io.stillpoint.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A schedule of backups as Temporal knows it.
 *
 * @param cluster empty if the schedule's input does not name one
 * @param when what was asked for; empty for schedules made by other tools that did not say
 * @param note why it is paused, if somebody said so
 * @param next the next starts, soonest first
 * @param recent the last starts, newest first
 * @param skipped starts that were left out because the one before still ran
 * @param missed starts that were never made: Temporal was down for longer than the catch-up time
 * @param rules how its starts are made
 */
public record ScheduleState(
    String name,
    String cluster,
    String when,
    boolean paused,
    String note,
    Instant createdAt,
    List<Instant> next,
    List<Start> recent,
    long starts,
    long skipped,
    long missed,
    Rules rules) {
  public ScheduleState {
    next = List.copyOf(next);
    recent = List.copyOf(recent);
  }

  /**
   * One start.
   *
   * @param outcome RUNNING, COMPLETED and the like, FAILED (CODE), or GONE once Temporal forgot it
   */
  public record Start(Instant plannedAt, String workflowId, String outcome) {}

  /**
   * How starts are made.
   *
   * @param overlap what happens to a start while the last one still runs, in Temporal's word: Skip
   * @param catchUp as in {@link BackupSchedule}
   * @param jitter as in {@link BackupSchedule}
   * @param retention the rules that its backups bring along, in words; empty for those of the
   *     workers' configuration
   */
  public record Rules(String overlap, Duration catchUp, Duration jitter, String retention) {
    static final Rules UNKNOWN = new Rules("", Duration.ZERO, Duration.ZERO, "");
  }

  /** The longest time that lies between two starts, as far as they are known. */
  public Optional<Duration> longestGap() {
    Duration longest = Duration.ZERO;
    for (int i = 1; i < next.size(); i++) {
      Duration gap = Duration.between(next.get(i - 1), next.get(i));
      longest = gap.compareTo(longest) > 0 ? gap : longest;
    }
    return longest.isZero() ? Optional.empty() : Optional.of(longest);
  }
}
