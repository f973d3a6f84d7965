package io.stillpoint.cli;

import io.stillpoint.activity.InventoryActivities.Orphan;
import io.stillpoint.catalog.PruneOrphansWorkflow.OrphansResult;
import java.util.ArrayList;
import java.util.List;

/** Snapshots that belong to no backup and volumes that no restore needs, as a table. */
final class OrphansView {
  private final Printer printer;

  OrphansView(Printer printer) {
    this.printer = printer;
  }

  /** Returns the exit code. */
  int show(OrphansResult result, boolean delete) {
    printer.data(result, lines(result));
    result.spared().forEach(why -> printer.progress("left alone: " + why));
    if (result.more() > 0) {
      printer.progress("%d more are left for the next run".formatted(result.more()));
    }
    if (delete) {
      printer.progress("deleted %d".formatted(result.deleted().size()));
    } else if (!result.orphans().isEmpty()) {
      printer.progress(
          "nothing was deleted; to delete these: stillpoint prune --orphans --yes --cluster "
              + result.cluster());
    }
    return 0;
  }

  private static List<String> lines(OrphansResult result) {
    if (result.orphans().isEmpty()) {
      return List.of("no orphans");
    }
    Table table = new Table("ORPHAN", "KIND", "BACKUP", "SET", "MADE AT", "SIZE", "WHY");
    for (Orphan orphan : result.orphans()) {
      table.row(
          orphan.id(),
          orphan.kind(),
          orphan.backup(),
          orphan.set(),
          orphan.startedAt(),
          Table.size(orphan.bytes()),
          orphan.why());
    }
    return new ArrayList<>(table.lines());
  }
}
