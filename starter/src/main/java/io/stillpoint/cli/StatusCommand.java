package io.stillpoint.cli;

import io.stillpoint.activity.RecoveryActivities.Unfinished;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.RestoreOperation;
import io.stillpoint.client.RunningOperation;
import io.stillpoint.client.ScheduleState;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.OperationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what runs now, and how old the last good backup is. */
@Command(
    name = "status",
    description = "Show what runs now, and how old each cluster's last good backup is.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint status --cluster shop")
final class StatusCommand extends ClientCommand {
  private static final int MOST = 200;

  /** A recovery that waits longer for one step is told with what it waits for. */
  private static final Duration SLOW = Duration.ofSeconds(15);

  @Option(names = "--cluster", description = "Only this cluster.")
  private Optional<String> cluster = Optional.empty();

  StatusCommand(StillpointCommand root) {
    super(root);
  }

  /** One running operation as it is shown. */
  record Running(String kind, String name, String cluster, String phase, Instant startedAt) {}

  /** A cluster's newest completed backup. */
  record LastGood(String cluster, String backup, Instant completedAt, long ageSeconds) {}

  /** A restore that ended half done: until it is mended, nothing else is done to its cluster. */
  record RecoveryNeeded(String cluster, String restore, String message, String command) {

    static RecoveryNeeded of(Unfinished unfinished) {
      return new RecoveryNeeded(
          unfinished.cluster(),
          unfinished.restore(),
          "restore '%s' of cluster '%s' ended without being verified or undone"
              .formatted(unfinished.restore(), unfinished.cluster()),
          "stillpoint recover --cluster " + unfinished.cluster());
    }

    List<String> lines() {
      return List.of(
          "%s: %s".formatted(ErrorCode.RECOVERY_NEEDED, message),
          "  start no mongod by hand; mend it with: " + command);
    }
  }

  @Override
  int run(StillpointClient client) {
    List<RunningOperation> operations = client.running(cluster);
    List<Running> running = operations.stream().map(o -> describe(client, o)).toList();
    List<LastGood> lastGood = lastGood(client.list(cluster, MOST), Instant.now());
    List<Unfinished> unfinished =
        client.unfinished(cluster).stream().filter(u -> !isBeingMended(u, running)).toList();
    List<RecoveryNeeded> recoveryNeeded =
        unfinished.stream().filter(Unfinished::needsRecovery).map(RecoveryNeeded::of).toList();
    List<String> warnings = new ArrayList<>(balancers(unfinished));
    operations.stream()
        .filter(o -> o.kind().equals("recover"))
        .forEach(o -> warnings.addAll(slowRecovery(client, o)));
    warnings.addAll(ScheduleWarnings.of(schedules(client), lastGood, running, Instant.now()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("running", running);
    json.put("lastGood", lastGood);
    json.put("recoveryNeeded", recoveryNeeded);
    json.put("warnings", warnings);
    List<String> text = lines(running, lastGood);
    recoveryNeeded.forEach(r -> text.addAll(r.lines()));
    warnings.forEach(w -> text.add("WARNING: " + w));
    printer().data(json, text);
    return 0;
  }

  private static boolean isBeingMended(Unfinished unfinished, List<Running> running) {
    return running.stream()
        .anyMatch(r -> r.kind().equals("recover") && r.cluster().equals(unfinished.cluster()));
  }

  private static List<String> balancers(List<Unfinished> unfinished) {
    return unfinished.stream()
        .filter(u -> !u.needsRecovery())
        .map(
            u ->
                "%s ended without giving the balancer of cluster %s back: the next backup does, or stillpoint recover --cluster %s"
                    .formatted(u.workflowId(), u.cluster(), u.cluster()))
        .toList();
  }

  private static List<String> slowRecovery(StillpointClient client, RunningOperation recovery) {
    return client.waits(recovery, SLOW).stream()
        .map(
            wait ->
                "%s waits for %s; to give it up: temporal workflow cancel --workflow-id %s"
                    .formatted(recovery.workflowId(), wait, recovery.workflowId()))
        .toList();
  }

  private List<ScheduleState> schedules(StillpointClient client) {
    try {
      return client.schedules().list().stream()
          .filter(s -> cluster.isEmpty() || cluster.get().equals(s.cluster()))
          .toList();
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.TEMPORAL_REFUSED) {
        // No schedules here, so none was missed. What runs and what is old is known all the same.
        return List.of();
      }
      throw e;
    }
  }

  private Running describe(StillpointClient client, RunningOperation operation) {
    if (!operation.isBackupOrRestore()) {
      // Nobody can ask it more; which cluster it is of, its lock or its name tells.
      return new Running(
          operation.kind(),
          operation.name(),
          cluster.orElse(operation.kind().equals("delete") ? "" : operation.name()),
          "RUNNING",
          operation.startedAt());
    }
    try {
      return asked(client, operation);
    } catch (StillpointException e) {
      if (e.code() != ErrorCode.NO_WORKER) {
        throw e;
      }
      // It runs all the same, and what else there is to know does not depend on it.
      return new Running(
          operation.kind(), operation.name(), cluster.orElse(""), "UNKNOWN", operation.startedAt());
    }
  }

  private static Running asked(StillpointClient client, RunningOperation operation) {
    if (client.operation(operation) instanceof BackupOperation backup) {
      var now = backup.describe();
      return new Running(
          operation.kind(), now.backup(), now.cluster(), now.phase().name(), operation.startedAt());
    }
    var now = ((RestoreOperation) client.operation(operation)).describe();
    return new Running(
        operation.kind(), now.restore(), now.cluster(), now.phase().name(), operation.startedAt());
  }

  static List<LastGood> lastGood(List<BackupSummary> newestFirst, Instant now) {
    Map<String, LastGood> byCluster = new LinkedHashMap<>();
    for (BackupSummary backup : newestFirst) {
      if (backup.status() == OperationStatus.COMPLETED && backup.completedAt().isPresent()) {
        Instant completed = backup.completedAt().get();
        byCluster.putIfAbsent(
            backup.cluster(),
            new LastGood(
                backup.cluster(),
                backup.backup(),
                completed,
                Duration.between(completed, now).toSeconds()));
      }
    }
    return List.copyOf(byCluster.values());
  }

  private List<String> lines(List<Running> running, List<LastGood> lastGood) {
    List<String> lines = new ArrayList<>();
    if (running.isEmpty()) {
      lines.add("nothing runs");
    } else {
      Table table = new Table("RUNNING", "NAME", "CLUSTER", "PHASE", "FOR");
      for (Running r : running) {
        table.row(
            r.kind(),
            r.name(),
            r.cluster(),
            r.phase(),
            Durations.words(Duration.between(r.startedAt(), Instant.now())));
      }
      lines.addAll(table.lines());
    }
    lines.add("");
    if (lastGood.isEmpty()) {
      lines.add("there is no completed backup" + cluster.map(c -> " of " + c).orElse(""));
    } else {
      Table table = new Table("CLUSTER", "LAST GOOD BACKUP", "AGE");
      for (LastGood good : lastGood) {
        table.row(
            good.cluster(), good.backup(), Durations.words(Duration.ofSeconds(good.ageSeconds())));
      }
      lines.addAll(table.lines());
    }
    return lines;
  }
}
