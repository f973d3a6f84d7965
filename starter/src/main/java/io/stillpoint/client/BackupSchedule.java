package io.stillpoint.client;

import io.stillpoint.model.SnapshotType;
import io.stillpoint.retention.RetentionPolicy;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/**
 * When backups shall be taken, as somebody asks for it.
 *
 * @param name of the schedule
 * @param cron five fields, or @daily and the like; either this or {@code every}
 * @param every fixed interval
 * @param zone in which the cron expression is read
 * @param jitter each start is delayed by a random time up to this, so that not all clusters of a
 *     company begin at once
 * @param catchUp a start that was missed because Temporal was down is made up for within this time
 * @param copyDeadline as in {@link io.stillpoint.backup.BackupRequest}
 * @param retention applied after each of its backups; empty for the workers' configuration
 * @param paused starts nothing until it is resumed
 */
public record BackupSchedule(
    String name,
    String cluster,
    Optional<SnapshotType> type,
    Optional<String> cron,
    Optional<Duration> every,
    ZoneId zone,
    Duration jitter,
    Duration catchUp,
    Optional<Duration> copyDeadline,
    Optional<RetentionPolicy> retention,
    boolean paused) {
  public static final Duration DEFAULT_JITTER = Duration.ofMinutes(1);
  public static final Duration DEFAULT_CATCH_UP = Duration.ofHours(1);

  public BackupSchedule {
    if (cron.isPresent() == every.isPresent()) {
      throw new IllegalArgumentException("a schedule has either a cron expression or an interval");
    }
  }

  /** What was asked for, in words. */
  public String when() {
    return cron.map(c -> "cron %s (%s)".formatted(c, zone)).orElseGet(() -> "every " + every.get());
  }
}
