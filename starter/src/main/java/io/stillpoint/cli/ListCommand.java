package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.OperationStatus;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Lists backups. */
@Command(
    name = "list",
    description = "List the backups in the catalog, newest first.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint list --cluster shop --limit 5")
final class ListCommand extends ClientCommand {
  private static final int MOST = 200;

  @picocli.CommandLine.Spec private picocli.CommandLine.Model.CommandSpec spec;

  @Option(names = "--cluster", description = "Only this cluster's.")
  private Optional<String> cluster = Optional.empty();

  @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 50).")
  private int limit = 50;

  ListCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    if (limit < 1 || limit > MOST) {
      throw new ParameterException(
          spec.commandLine(), "--limit is %d, but must be from 1 to %d".formatted(limit, MOST));
    }
    List<BackupSummary> backups =
        client.list(cluster, limit).stream().map(b -> withPoint(client, b)).toList();
    printer().data(backups, lines(backups));
    if (backups.isEmpty()) {
      printer().progress("there is no backup yet; make one with: stillpoint backup --cluster NAME");
    }
    return 0;
  }

  /** The record holds the point of a complete backup; of one that runs only its workflow knows. */
  private static BackupSummary withPoint(StillpointClient client, BackupSummary backup) {
    if (backup.status() != OperationStatus.RUNNING || backup.consistentPoint().isPresent()) {
      return backup;
    }
    try {
      return backup.at(client.backup(backup.backup()).describe().consistentPoint());
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.TEMPORAL_UNREACHABLE || e.code() == ErrorCode.TEMPORAL_REFUSED) {
        throw e;
      }
      // It was terminated, or has not begun: then no point is known.
      return backup;
    }
  }

  static List<String> lines(List<BackupSummary> backups) {
    boolean anyFailed = backups.stream().anyMatch(b -> !b.failure().isEmpty());
    Table table =
        new Table(
            "BACKUP",
            "CLUSTER",
            "TYPE",
            "STATUS",
            "POINT",
            "FINISHED",
            "SIZE",
            anyFailed ? "WHY" : "");
    for (BackupSummary backup : backups) {
      table.row(
          backup.backup(),
          backup.cluster(),
          backup.type() == null ? "?" : backup.type().word(),
          status(backup),
          backup.consistentPoint().map(Object::toString).orElse("-"),
          backup.completedAt().map(t -> t.truncatedTo(ChronoUnit.SECONDS).toString()).orElse("-"),
          Table.size(backup.bytes()),
          why(backup.failure()));
    }
    return table.lines().stream().map(String::stripTrailing).toList();
  }

  /** That a record cannot be read says nothing of how its backup ended. */
  private static String status(BackupSummary backup) {
    return switch (why(backup.failure())) {
      case "MANIFEST_DAMAGED" -> "DAMAGED";
      case "MANIFEST_VERSION" -> "UNREADABLE";
      default -> backup.status().name();
    };
  }

  /** The code of a failure, which its text begins with; the rest is for describe-backup. */
  private static String why(String failure) {
    int end = failure.indexOf(':');
    return end < 0 ? failure : failure.substring(0, end);
  }
}
