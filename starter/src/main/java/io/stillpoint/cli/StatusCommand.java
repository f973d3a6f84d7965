package io.stillpoint.cli;

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

  @Option(names = "--cluster", description = "Only this cluster.")
  private Optional<String> cluster = Optional.empty();

  StatusCommand(StillpointCommand root) {
    super(root);
  }

  /** One running operation as it is shown. */
  record Running(String kind, String name, String cluster, String phase, Instant startedAt) {}

  /** A cluster's newest completed backup. */
  record LastGood(String cluster, String backup, Instant completedAt, long ageSeconds) {}

  @Override
  int run(StillpointClient client) {
    List<Running> running = client.running(cluster).stream().map(o -> describe(client, o)).toList();
    List<LastGood> lastGood = lastGood(client.list(cluster, MOST), Instant.now());
    List<String> warnings =
        ScheduleWarnings.of(schedules(client), lastGood, running, Instant.now());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("running", running);
    json.put("lastGood", lastGood);
    json.put("warnings", warnings);
    List<String> text = lines(running, lastGood);
    warnings.forEach(w -> text.add("WARNING: " + w));
    printer().data(json, text);
    return 0;
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
