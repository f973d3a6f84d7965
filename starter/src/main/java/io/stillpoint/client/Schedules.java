package io.stillpoint.client;

import io.grpc.Status;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.retention.RetentionPolicy;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleAlreadyRunningException;
import io.temporal.client.schedules.ScheduleBackfill;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleException;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleIntervalSpec;
import io.temporal.client.schedules.ScheduleListActionStartWorkflow;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.common.converter.DataConverterException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Backups by the clock, on Temporal's own schedules: what is made here can be seen and changed with
 * Temporal's UI and command line, and the other way round. A start is left out while the schedule's
 * last backup still runs; on a cluster that is busy otherwise it ends as CLUSTER_BUSY.
 */
public final class Schedules {
  private static final String BACKUP = "SnapshotBackupWorkflow";

  private final WorkflowClient client;
  private final ScheduleClient schedules;
  private final ScheduleStates states;

  Schedules(WorkflowClient client) {
    this.client = client;
    schedules =
        ScheduleClient.newInstance(
            client.getWorkflowServiceStubs(),
            ScheduleClientOptions.newBuilder()
                .setNamespace(client.getOptions().getNamespace())
                .setDataConverter(client.getOptions().getDataConverter())
                .setIdentity(client.getOptions().getIdentity())
                .build());
    states = new ScheduleStates(client);
  }

  /**
   * @throws StillpointException SCHEDULE_EXISTS, or BAD_INPUT if Temporal cannot read the times
   */
  public void create(BackupSchedule wanted) {
    ScheduleSpec.Builder times =
        ScheduleSpec.newBuilder().setJitter(wanted.jitter()).setTimeZoneName(wanted.zone().getId());
    wanted.cron().ifPresent(c -> times.setCronExpressions(List.of(c)));
    wanted.every().ifPresent(e -> times.setIntervals(List.of(new ScheduleIntervalSpec(e))));
    Schedule schedule =
        Schedule.newBuilder()
            .setAction(action(wanted))
            .setSpec(times.build())
            .setPolicy(
                SchedulePolicy.newBuilder()
                    .setOverlap(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP)
                    .setCatchupWindow(wanted.catchUp())
                    .build())
            .setState(
                io.temporal.client.schedules.ScheduleState.newBuilder()
                    .setPaused(wanted.paused())
                    .build())
            .build();
    Map<String, Object> memo = Map.of(ScheduleStates.WHEN, wanted.when());
    ScheduleOptions options = ScheduleOptions.newBuilder().setMemo(memo).build();
    translated(wanted.name(), () -> schedules.createSchedule(wanted.name(), schedule, options));
  }

  private static ScheduleActionStartWorkflow action(BackupSchedule wanted) {
    Map<String, Object> input = new LinkedHashMap<>();
    input.put("cluster", wanted.cluster());
    wanted.type().ifPresent(t -> input.put("type", t.word()));
    wanted.copyDeadline().ifPresent(d -> input.put("copyDeadline", d.toString()));
    wanted.retention().ifPresent(r -> input.put("retention", rules(r)));
    return ScheduleActionStartWorkflow.newBuilder()
        .setWorkflowType(BACKUP)
        .setArguments(input)
        .setOptions(
            WorkflowOptions.newBuilder()
                .setWorkflowId(WorkflowIds.backup(wanted.cluster()))
                .setTaskQueue(TaskQueues.CONTROL)
                .setStaticSummary("scheduled backup of " + wanted.cluster())
                // The SDK cannot read a schedule back that has a summary but no details.
                .setStaticDetails("started by the schedule `%s`".formatted(wanted.name()))
                .build())
        .build();
  }

  /**
   * As a person would write it into an input: durations as PT48H, and no rule that is not there.
   */
  private static Map<String, Object> rules(RetentionPolicy policy) {
    Map<String, Object> rules = new LinkedHashMap<>();
    rules.put("keepLast", policy.keepLast());
    rules.put("keepDaily", policy.keepDaily());
    rules.put("keepWeekly", policy.keepWeekly());
    rules.put("keepMonthly", policy.keepMonthly());
    rules.put("keepYearly", policy.keepYearly());
    rules.values().removeIf(count -> count.equals(0));
    policy.minimumAge().ifPresent(age -> rules.put("minimumAge", age.toString()));
    return rules;
  }

  /** Every schedule that starts backups, whoever made it, by name. */
  public List<ScheduleState> list() {
    return translated(
        "",
        () ->
            schedules
                .listSchedules()
                .filter(
                    s ->
                        s.getSchedule().getAction() instanceof ScheduleListActionStartWorkflow a
                            && a.getWorkflow().equals(BACKUP))
                .map(s -> states.readable(s.getScheduleId(), () -> describe(s.getScheduleId())))
                .sorted(java.util.Comparator.comparing(ScheduleState::name))
                .toList());
  }

  /**
   * @throws StillpointException SCHEDULE_UNKNOWN
   */
  public ScheduleState describe(String name) {
    return translated(name, () -> states.of(handle(name).describe()));
  }

  public void pause(String name, String reason) {
    run(name, s -> s.pause(reason));
  }

  public void resume(String name, String reason) {
    run(name, s -> s.unpause(reason));
  }

  /**
   * Starts a backup now.
   *
   * @throws StillpointException CLUSTER_BUSY if the schedule's last backup still runs: Temporal
   *     would leave this one out without a word
   */
  public void trigger(String name) {
    translated(
        name,
        () -> {
          if (!handle(name).describe().getInfo().getRunningActions().isEmpty()) {
            throw new StillpointException(
                ErrorCode.CLUSTER_BUSY,
                "schedule '%s' started a backup that still runs".formatted(name),
                "see it with: stillpoint schedule describe " + name);
          }
          handle(name).trigger(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP);
          return null;
        });
  }

  /** Starts, one after another, the backups that were planned in this time. */
  public void backfill(String name, Instant from, Instant to) {
    run(
        name,
        s ->
            s.backfill(
                List.of(
                    new ScheduleBackfill(
                        from, to, ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL))));
  }

  /** Deletes the schedule; the backups that it made stay. */
  public void delete(String name) {
    run(name, ScheduleHandle::delete);
  }

  private ScheduleHandle handle(String name) {
    return schedules.getHandle(name);
  }

  private void run(String name, java.util.function.Consumer<ScheduleHandle> call) {
    translated(
        name,
        () -> {
          call.accept(handle(name));
          return null;
        });
  }

  private <R> R translated(String name, Supplier<R> call) {
    try {
      return call.get();
    } catch (StillpointException e) {
      throw e;
    } catch (ScheduleException e) {
      if (e.getCause() instanceof DataConverterException) {
        throw new StillpointException(
            ErrorCode.TEMPORAL_REFUSED,
            "schedule '%s' was made by another tool in a way that cannot be read".formatted(name),
            "give it no summary, or a summary and details; temporal schedule describe shows it",
            e);
      }
      throw translate(name, e);
    } catch (ScheduleAlreadyRunningException e) {
      throw new StillpointException(
          ErrorCode.SCHEDULE_EXISTS,
          "schedule '%s' exists already".formatted(name),
          "choose another name, or: stillpoint schedule describe " + name,
          e);
    } catch (RuntimeException e) {
      throw translate(name, e);
    }
  }

  private StillpointException translate(String name, RuntimeException e) {
    Status status = Status.fromThrowable(e);
    return switch (status.getCode()) {
      case NOT_FOUND ->
          new StillpointException(
              ErrorCode.SCHEDULE_UNKNOWN,
              "there is no schedule '%s'".formatted(name),
              "see what there is with: stillpoint schedule list",
              e);
      case UNIMPLEMENTED ->
          new StillpointException(
              ErrorCode.TEMPORAL_REFUSED,
              "this temporal server (namespace '%s') has no schedules"
                  .formatted(client.getOptions().getNamespace()),
              "use a full server, such as: temporal server start-dev --db-filename FILE",
              e);
      case INVALID_ARGUMENT ->
          new StillpointException(
              ErrorCode.BAD_INPUT,
              "temporal refuses schedule '%s': %s".formatted(name, status.getDescription()),
              "see: stillpoint schedule create --help",
              e);
      default -> ClientErrors.of(e, "schedule '%s'".formatted(name));
    };
  }
}
