package io.stillpoint.cli;

import io.stillpoint.check.CheckItem;
import io.stillpoint.check.CheckReport;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.SnapshotType;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Examines a cluster before it matters. */
@Command(
    name = "check",
    description = {
      "Examine everything that a backup and a restore of a cluster need.",
      "",
      "One line each, ok or not ok with a code and a hint: members, versions, privileges, clocks,"
          + " other tools' cursors, balancer, catalog, snapshots, node agents. Changes nothing."
    },
    exitCodeListHeading = "%nEXIT STATUS%n",
    exitCodeList = {
      " 0:everything is ok",
      " N:that of the first line that is not ok, as in stillpoint --help"
    },
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint check --cluster shop")
final class CheckCommand extends ClientCommand {

  @Option(names = "--cluster", required = true, description = "Name in the workers' settings.")
  private String cluster = "";

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      converter = SnapshotTypes.class,
      completionCandidates = SnapshotTypes.Words.class,
      description = "How snapshots would be made (default: directory).")
  private SnapshotType type = SnapshotType.DIRECTORY;

  CheckCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    CheckReport report = client.check(cluster, type);
    printer().data(report, lines(report));
    return exitCode(report);
  }

  static int exitCode(CheckReport report) {
    return report.items().stream()
        .filter(item -> !item.ok())
        .findFirst()
        .map(item -> ErrorCode.valueOf(item.code()).exitCode())
        .orElse(0);
  }

  static List<String> lines(CheckReport report) {
    int what = width(report.items().stream().map(CheckItem::what).toList());
    int subject = width(report.items().stream().map(CheckItem::subject).toList());
    List<String> lines = new ArrayList<>();
    for (CheckItem item : report.items()) {
      String code = item.ok() ? "" : "[" + item.code() + "] ";
      lines.add(
          ("%-6s  %-" + what + "s  %-" + subject + "s  %s%s")
              .formatted(
                  item.ok() ? "ok" : "not ok", item.what(), item.subject(), code, item.message()));
      if (!item.hint().isEmpty()) {
        lines.add("        HINT: " + item.hint());
      }
    }
    long bad = report.items().stream().filter(item -> !item.ok()).count();
    lines.add("%d of %d not ok".formatted(bad, report.items().size()));
    return lines;
  }

  private static int width(List<String> texts) {
    return texts.stream().mapToInt(String::length).max().orElse(1);
  }
}
