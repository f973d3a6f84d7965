package io.stillpoint.cli;

import io.stillpoint.backup.BackupResult;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.restore.RestoreResult;
import java.util.ArrayList;
import java.util.List;

/** Results of finished operations as text. */
final class ResultView {
  private ResultView() {}

  static List<String> of(BackupResult result) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "backup %s %s"
            .formatted(
                result.backup(), result.summary().map(s -> s.status().name()).orElse("planned")));
    result.summary().ifPresent(s -> lines.addAll(facts(s)));
    if (result.cursorWindowMillis() > 0) {
      lines.add("  cursors open   %d ms".formatted(result.cursorWindowMillis()));
    }
    if (result.cursorsAdopted() > 0) {
      lines.add(
          "  adopted        %d times, after a worker was lost".formatted(result.cursorsAdopted()));
    }
    if (result.attempts() > 1) {
      lines.add("  attempts       " + result.attempts());
    }
    return lines;
  }

  private static List<String> facts(BackupSummary summary) {
    return List.of(
        "  point          " + summary.consistentPoint().map(Object::toString).orElse("none"),
        "  replica sets   " + summary.sets(),
        "  size           " + Table.size(summary.bytes()));
  }

  static List<String> of(RestoreResult result) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "restore %s of backup %s: %s"
            .formatted(
                result.restore(),
                result.backup(),
                result
                    .consistentPoint()
                    .map(p -> "every set was proven to be at " + p)
                    .orElse("planned, nothing was changed")));
    if (result.consistentPoint().isPresent()) {
      lines.add("  cluster was down  %d ms".formatted(result.downMillis()));
    } else {
      result.plan().forEach(l -> lines.add("  " + l));
    }
    return lines;
  }
}
