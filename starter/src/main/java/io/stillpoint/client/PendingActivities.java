package io.stillpoint.client;

import com.google.protobuf.Timestamp;
import io.stillpoint.activity.CursorActivities.Beat;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.error.Failures;
import io.temporal.api.enums.v1.PendingActivityState;
import io.temporal.api.failure.v1.Failure;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.common.converter.DataConverter;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads what the activities that run now say out of a workflow's description. */
final class PendingActivities {
  private static final Set<String> COPYING =
      Set.of("SnapshotCut", "SnapshotAwaitReady", "NodeStage");

  private static final String KEEPING = "CursorKeepAlive";

  private PendingActivities() {}

  static PendingWork of(WorkflowExecutionDescription description, DataConverter converter) {
    List<PendingActivityInfo> pending = description.getRawDescription().getPendingActivitiesList();
    return new PendingWork(
        copies(pending, converter),
        keepers(pending),
        Stream.concat(
                pending.stream()
                    .filter(a -> a.getAttempt() > 1 && a.hasLastFailure())
                    .map(a -> retry(a, converter)),
                pending.stream().flatMap(a -> silence(a, converter).stream()))
            .distinct()
            .toList());
  }

  /**
   * What a workflow waits for since longer than that, one line each: the activity, since when, and
   * what it said last.
   */
  static List<String> longerThan(
      Duration patience, WorkflowExecutionDescription description, DataConverter converter) {
    return description.getRawDescription().getPendingActivitiesList().stream()
        .filter(a -> since(a.getScheduledTime()).compareTo(patience) > 0)
        .map(a -> wait(a, converter))
        .distinct()
        .toList();
  }

  private static String wait(PendingActivityInfo activity, DataConverter converter) {
    String said =
        Optional.of(activity.getHeartbeatDetails())
            .filter(d -> d.getPayloadsCount() > 0)
            .map(d -> converter.fromPayload(d.getPayloads(0), Object.class, Object.class))
            .map(Object::toString)
            .orElseGet(() -> activity.hasLastFailure() ? message(activity, converter) : "");
    return "%s, for %d s so far%s"
        .formatted(
            activity.getActivityType().getName(),
            since(activity.getScheduledTime()).toSeconds(),
            said.isEmpty() ? "" : ": " + said);
  }

  private static Map<String, Long> keepers(List<PendingActivityInfo> pending) {
    return pending.stream()
        .filter(a -> a.getActivityType().getName().equals(KEEPING))
        .filter(a -> a.getState() == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED)
        .collect(
            Collectors.groupingBy(
                PendingActivityInfo::getLastWorkerIdentity, Collectors.counting()));
  }

  /** A keeper goes on beating while its cursor's member is silent. */
  private static Optional<String> silence(PendingActivityInfo activity, DataConverter converter) {
    return Optional.of(activity)
        .filter(a -> a.getActivityType().getName().equals(KEEPING))
        .map(PendingActivityInfo::getHeartbeatDetails)
        .filter(d -> d.getPayloadsCount() > 0)
        .map(d -> converter.fromPayload(d.getPayloads(0), Beat.class, Beat.class))
        .map(Beat::silence)
        .filter(s -> !s.isEmpty())
        .map(s -> KEEPING + ": " + s);
  }

  private static String retry(PendingActivityInfo activity, DataConverter converter) {
    String why = message(activity, converter).replaceAll("\\s+", " ").strip();
    // The in-memory server says nothing of a worker that went silent.
    return "%s, attempt %d%s"
        .formatted(
            activity.getActivityType().getName(),
            activity.getAttempt(),
            why.isEmpty() ? "" : ": " + why);
  }

  /** Where payloads are encrypted, the texts of failures are as well. */
  private static String message(PendingActivityInfo activity, DataConverter converter) {
    Failure failure = activity.getLastFailure();
    return failure.hasEncodedAttributes()
        ? Failures.messageOf(converter.failureToException(failure))
        : failure.getMessage();
  }

  /** In the order in which the workflow scheduled them, which is the order of its sets. */
  private static List<CopyProgress> copies(
      List<PendingActivityInfo> pending, DataConverter converter) {
    return pending.stream()
        .filter(a -> COPYING.contains(a.getActivityType().getName()))
        .sorted(
            Comparator.comparing(PendingActivityInfo::getActivityId, PendingActivities::byNumber))
        .map(a -> progress(a, converter))
        .toList();
  }

  private static CopyProgress progress(PendingActivityInfo activity, DataConverter converter) {
    Progress last =
        Optional.of(activity.getHeartbeatDetails())
            .filter(d -> d.getPayloadsCount() > 0)
            .map(d -> converter.fromPayload(d.getPayloads(0), Progress.class, Progress.class))
            .orElse(new Progress(0, 0, 0, 0));
    return new CopyProgress(
        Math.max(1, activity.getAttempt()),
        last.doneBytes(),
        last.totalBytes(),
        last.doneFiles(),
        last.totalFiles(),
        last.checking(),
        message(activity, converter),
        since(activity.getLastStartedTime()));
  }

  private static Duration since(Timestamp started) {
    if (started.getSeconds() == 0) {
      return Duration.ZERO;
    }
    return Duration.between(
        Instant.ofEpochSecond(started.getSeconds(), started.getNanos()), Instant.now());
  }

  private static int byNumber(String one, String other) {
    int byLength = Integer.compare(one.length(), other.length());
    return byLength != 0 ? byLength : one.compareTo(other);
  }
}
