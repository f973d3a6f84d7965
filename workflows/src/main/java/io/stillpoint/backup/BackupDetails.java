package io.stillpoint.backup;

import io.stillpoint.backup.BackupDescription.SetDescription;
import io.stillpoint.model.SnapshotType;
import java.time.Instant;

/** The Markdown that the Temporal UI shows as current details. */
final class BackupDetails {

  /** Temporal cuts details at 20,000 bytes; a table of this many sets stays below. */
  private static final int MAX_ROWS = 80;

  private BackupDetails() {}

  static String markdown(BackupDescription d) {
    StringBuilder text = new StringBuilder();
    text.append(
        "**%s** of cluster `%s`, attempt %d".formatted(d.phase(), d.cluster(), d.attempt()));
    d.consistentPoint().ifPresent(p -> text.append(", consistent point `%s`".formatted(p)));
    text.append("\n\n");
    if (!d.sets().isEmpty()) {
      table(d, text);
    }
    if (d.phase() == BackupPhase.COPYING && d.type() == SnapshotType.MANUAL) {
      howToFinish(d, text);
    }
    for (String note : d.notes()) {
      text.append("- ").append(note).append('\n');
    }
    if (!d.failure().isEmpty()) {
      text.append("\n**").append(d.failure()).append("**\n");
    }
    return text.toString();
  }

  private static void table(BackupDescription d, StringBuilder text) {
    text.append(
        "| set | member | state | cursor since | files | bytes | cut | ready | snapshots |\n");
    text.append("|---|---|---|---|---:|---:|---|---|---|\n");
    for (SetDescription s : d.sets().subList(0, Math.min(MAX_ROWS, d.sets().size()))) {
      text.append(
          "| %s | %s | %s | %s | %d | %d | %s | %s | %s |%n"
              .formatted(
                  s.set(),
                  s.member(),
                  s.state(),
                  s.cursorOpenedAtMillis() == 0
                      ? ""
                      : Instant.ofEpochMilli(s.cursorOpenedAtMillis()).toString(),
                  s.files(),
                  s.bytes(),
                  s.copyFinished() ? "yes" : "",
                  s.ready() ? "yes" : "",
                  String.join(" ", s.snapshots())));
    }
    if (d.sets().size() > MAX_ROWS) {
      text.append("\n%d more sets%n".formatted(d.sets().size() - MAX_ROWS));
    }
    text.append('\n');
  }

  private static void howToFinish(BackupDescription d, StringBuilder text) {
    text.append("Copy the data directory of every member above, then say so:\n\n");
    text.append(
        "`stillpoint backup-finish %s%s`, or here: *More Actions*, *Send an Update*, `finishCopy`%s."
            .formatted(
                d.backup(),
                d.attempt() > 1 ? " --attempt " + d.attempt() : "",
                d.attempt() > 1 ? " with `{\"attempt\":%d}`".formatted(d.attempt()) : ""));
    text.append(" Tools send the signal `copyFinished`.\n\n");
    if (d.attempt() > 1) {
      text.append("What was copied in an earlier attempt is worthless: its cursor was lost.\n\n");
    }
  }
}
