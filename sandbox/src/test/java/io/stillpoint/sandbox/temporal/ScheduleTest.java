package io.stillpoint.sandbox.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.client.BackupSchedule;
import io.stillpoint.client.ScheduleState;
import io.stillpoint.client.Schedules;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.retention.RetentionPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("temporal-server")
class ScheduleTest {
  private static final RetentionPolicy RULES =
      new RetentionPolicy(7, 0, 0, 0, 0, Optional.of(Duration.ofDays(2)));

  @TempDir static Path directory;
  private static TemporalWorld world;
  private static Schedules schedules;

  @BeforeAll
  static void start() {
    world = TemporalWorld.start(directory);
    world.startWorker();
    schedules = world.client().schedules();
  }

  @AfterAll
  static void stop() {
    if (world != null) {
      world.close();
    }
  }

  @Test
  void shouldMakeASchedulePeopleCanReadWithTheStockCommandLine() {
    schedules.create(schedule("nightly", Optional.of("0 2 * * *"), Optional.empty(), false));

    assertThat(world.temporal("schedule", "list")).contains("nightly", "SnapshotBackupWorkflow");
    assertThat(world.temporal("schedule", "describe", "--schedule-id", "nightly"))
        .contains("Skip", "Europe/Berlin");
    ScheduleState made = schedules.describe("nightly");
    assertThat(made.cluster()).isEqualTo("shop");
    assertThat(made.when()).isEqualTo("cron 0 2 * * * (Europe/Berlin)");
    assertThat(made.rules())
        .isEqualTo(
            new ScheduleState.Rules(
                "Skip",
                Duration.ofHours(1),
                Duration.ofMinutes(1),
                "keepLast 7, minimumAge PT48H"));
    assertThat(made.next()).hasSizeGreaterThan(1);
    assertThat(made.longestGap().orElseThrow())
        .isCloseTo(Duration.ofDays(1), Duration.ofMinutes(2));
    assertThatThrownBy(
            () ->
                schedules.create(
                    schedule("nightly", Optional.of("0 3 * * *"), Optional.empty(), false)))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.SCHEDULE_EXISTS));
    schedules.delete("nightly");
  }

  @Test
  void shouldTakeABackupWhoseNameLeadsBackToItsWorkflow() {
    schedules.create(schedule("now", Optional.empty(), Optional.of(Duration.ofDays(1)), true));
    schedules.trigger("now");

    ScheduleState.Start start =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> schedules.describe("now").recent().stream().findFirst(), Optional::isPresent)
            .orElseThrow();
    String name = name(start.workflowId());
    world.awaitPhase(name, BackupPhase.COPYING);
    assertThat(schedules.describe("now").recent().get(0).outcome()).isEqualTo("RUNNING");
    assertThatThrownBy(() -> schedules.trigger("now"))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CLUSTER_BUSY));

    assertThat(world.client().operation(name).abort("test over")).contains(name);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !world.client().operation(name).isRunning());
    schedules.delete("now");
  }

  @Test
  void shouldMakeUpForPlannedStartsOneAfterAnother() {
    schedules.create(schedule("late", Optional.empty(), Optional.of(Duration.ofHours(1)), true));
    Instant now = Instant.now();

    schedules.backfill(
        "late", now.minus(Duration.ofMinutes(150)), now.minus(Duration.ofMinutes(30)));

    for (int made = 1; made <= 2; made++) {
      int wanted = made;
      String running =
          awaitStarts("late", r -> r.size() == wanted && r.get(0).outcome().equals("RUNNING"))
              .get(0)
              .workflowId();
      String name = name(running);
      world.awaitPhase(name, BackupPhase.COPYING);
      world.client().backup(name).finishCopy(new CopyFinished(Optional.empty(), List.of()));
    }
    assertThat(awaitStarts("late", r -> r.stream().noneMatch(s -> s.outcome().equals("RUNNING"))))
        .extracting(ScheduleState.Start::outcome)
        .containsExactly("COMPLETED", "COMPLETED");
    schedules.delete("late");
  }

  @Test
  void shouldTellThatAStartFoundTheClusterBusy() {
    world.client().startBackup(BackupRequest.of("shop", "in-the-way", SnapshotType.MANUAL));
    world.awaitPhase("in-the-way", BackupPhase.COPYING);
    schedules.create(schedule("busy", Optional.empty(), Optional.of(Duration.ofDays(1)), true));

    schedules.trigger("busy");

    assertThat(awaitStarts("busy", r -> r.size() == 1 && !r.get(0).outcome().equals("RUNNING")))
        .extracting(ScheduleState.Start::outcome)
        .containsExactly("FAILED (CLUSTER_BUSY)");
    assertThat(world.client().backup("in-the-way").describe().phase())
        .isEqualTo(BackupPhase.COPYING);
    world.client().backup("in-the-way").finishCopy(new CopyFinished(Optional.empty(), List.of()));
    assertThat(world.client().backup("in-the-way").await(Duration.ofSeconds(60))).isPresent();
    schedules.resume("busy", "test");
    assertThat(CommandLine.run(world.environment(), "status").output())
        .contains("in-the-way")
        .doesNotContain("no good backup since");
    schedules.delete("busy");
  }

  private static List<ScheduleState.Start> awaitStarts(
      String name, Predicate<List<ScheduleState.Start>> condition) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> schedules.describe(name).recent(), condition);
  }

  private static String name(String workflowId) {
    return workflowId.substring("backup/".length()).replaceAll("-(?=\\d\\d[-T])|:", "");
  }

  @Test
  void shouldFindAndSteerWhatTheStockCommandLineMade() {
    world.temporal(
        "schedule",
        "create",
        "--schedule-id",
        "stock",
        "--interval",
        "24h",
        "--overlap-policy",
        "Skip",
        "--catchup-window",
        "1h",
        "--workflow-id",
        "backup/shop",
        "--task-queue",
        "stillpoint",
        "--type",
        "SnapshotBackupWorkflow",
        "--input",
        "{\"cluster\":\"shop\"}");

    assertThat(schedules.list()).extracting(ScheduleState::name).contains("stock");
    assertThat(schedules.describe("stock").cluster()).isEqualTo("shop");
    schedules.pause("stock", "maintenance");
    assertThat(schedules.describe("stock").paused()).isTrue();
    assertThat(world.temporal("schedule", "describe", "--schedule-id", "stock"))
        .contains("maintenance");
    schedules.resume("stock", "over");
    assertThat(schedules.describe("stock").paused()).isFalse();
    schedules.delete("stock");
    assertThatThrownBy(() -> schedules.describe("stock"))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.SCHEDULE_UNKNOWN));
  }

  @Test
  void shouldRefuseTimesThatTemporalCannotRead() {
    assertThatThrownBy(
            () ->
                schedules.create(
                    schedule("wrong", Optional.of("every night"), Optional.empty(), true)))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BAD_INPUT))
        .hasMessageContaining("CronString does not have 5-7 fields");
  }

  private static BackupSchedule schedule(
      String name, Optional<String> cron, Optional<Duration> every, boolean paused) {
    return new BackupSchedule(
        name,
        "shop",
        Optional.of(SnapshotType.MANUAL),
        cron,
        every,
        ZoneId.of("Europe/Berlin"),
        Duration.ofMinutes(1),
        Duration.ofHours(1),
        Optional.empty(),
        Optional.of(RULES),
        paused);
  }
}
