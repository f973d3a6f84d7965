package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.cli.StatusCommand.LastGood;
import io.stillpoint.cli.StatusCommand.Running;
import io.stillpoint.client.ScheduleState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScheduleWarningsTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Instant LAST_NIGHT = Instant.parse("2026-11-22T02:00:00Z");

  @Test
  void shouldBeSilentWhenLastNightsBackupIsGood() {
    assertThat(warnings(schedule(false, 0, start("COMPLETED")), good(LAST_NIGHT.plusSeconds(60))))
        .isEmpty();
  }

  @Test
  void shouldTellThatTheLastStartBroughtNoBackup() {
    assertThat(warnings(schedule(false, 0, start("FAILED")), good(LAST_NIGHT.minusSeconds(86_000))))
        .singleElement()
        .asString()
        .contains("cluster shop has no good backup since " + LAST_NIGHT, "FAILED");
  }

  @Test
  void shouldNotComplainWhileTheBackupRuns() {
    Running running = new Running("backup", "b", "shop", "COPYING", LAST_NIGHT);
    assertThat(
            ScheduleWarnings.of(
                List.of(schedule(false, 0, start("RUNNING"))),
                List.of(good(LAST_NIGHT.minusSeconds(86_000))),
                List.of(running),
                NOW))
        .isEmpty();
  }

  @Test
  void shouldTellAStartThatWasNeverMadeByTheAgeOfTheLastGoodBackup() {
    assertThat(warnings(schedule(false, 0), good(NOW.minus(Duration.ofHours(30)))))
        .singleElement()
        .asString()
        .contains("no good backup for 1 d 6 h", "one every 1 d 0 h");
  }

  @Test
  void shouldTellPausedSchedulesAndMissedStarts() {
    assertThat(warnings(schedule(true, 2), good(NOW)))
        .containsExactly(
            "schedule nightly of cluster shop is paused: maintenance",
            "schedule nightly of cluster shop could not start 2 times, because temporal was down");
  }

  private static List<String> warnings(ScheduleState schedule, LastGood good) {
    return ScheduleWarnings.of(List.of(schedule), List.of(good), List.of(), NOW);
  }

  private static ScheduleState.Start start(String outcome) {
    return new ScheduleState.Start(LAST_NIGHT, "backup/shop-2026-11-22T02:00:00Z", outcome);
  }

  private static LastGood good(Instant completed) {
    return new LastGood("shop", "b", completed, Duration.between(completed, NOW).toSeconds());
  }

  private static ScheduleState schedule(
      boolean paused, long missed, ScheduleState.Start... starts) {
    Instant tonight = LAST_NIGHT.plus(Duration.ofDays(1));
    return new ScheduleState(
        "nightly",
        "shop",
        "cron 0 2 * * * (UTC)",
        paused,
        paused ? "maintenance" : "",
        NOW.minus(Duration.ofDays(30)),
        List.of(tonight, tonight.plus(Duration.ofDays(1))),
        Stream.of(starts).toList(),
        starts.length,
        0,
        missed,
        new ScheduleState.Rules("Skip", Duration.ofHours(1), Duration.ofMinutes(1), ""));
  }
}
