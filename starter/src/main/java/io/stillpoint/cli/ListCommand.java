package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import io.stillpoint.model.BackupSummary;
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
    List<BackupSummary> backups = client.list(cluster, limit);
    printer().data(backups, lines(backups));
    if (backups.isEmpty()) {
      printer().progress("there is no backup yet; make one with: stillpoint backup --cluster NAME");
    }
    return 0;
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
          backup.status(),
          backup.consistentPoint().map(Object::toString).orElse("-"),
          backup.completedAt().map(t -> t.truncatedTo(ChronoUnit.SECONDS).toString()).orElse("-"),
          Table.size(backup.bytes()),
          why(backup.failure()));
    }
    return table.lines().stream().map(String::stripTrailing).toList();
  }

  /** The code of a failure, which its text begins with; the rest is for describe-backup. */
  private static String why(String failure) {
    int end = failure.indexOf(':');
    return end < 0 ? failure : failure.substring(0, end);
  }
}
