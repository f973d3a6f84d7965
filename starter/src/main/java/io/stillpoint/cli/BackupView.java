package io.stillpoint.cli;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupDescription.SetDescription;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.client.PendingWork;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.SnapshotRef;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Backups as text. */
final class BackupView {
  private BackupView() {}

  static List<String> of(BackupDescription backup, PendingWork pending) {
    List<String> lines = new ArrayList<>();
    lines.add("backup    " + backup.backup());
    lines.add("cluster   " + backup.cluster());
    lines.add("type      " + backup.type().word());
    lines.add("status    %s, %s".formatted(backup.status(), backup.phase()));
    lines.add(
        "point     " + backup.consistentPoint().map(Object::toString).orElse("not fixed yet"));
    if (backup.attempt() > 1) {
      lines.add("attempt   " + backup.attempt());
    }
    if (!pending.keepers().isEmpty()) {
      lines.add(
          "cursors   "
              + String.join(
                  ", ",
                  pending.keepers().entrySet().stream()
                      .map(k -> "%d kept alive by %s".formatted(k.getValue(), k.getKey()))
                      .toList()));
    }
    pending.retrying().forEach(r -> lines.add("retrying  " + r));
    if (!backup.failure().isEmpty()) {
      lines.add("failure   " + backup.failure());
    }
    if (!backup.sets().isEmpty()) {
      lines.add("");
      lines.addAll(sets(backup));
    }
    notes(lines, backup.notes());
    return lines;
  }

  static List<String> sets(BackupDescription backup) {
    Table table = new Table("SET", "MEMBER", "DATA DIRECTORY", "FILES", "SIZE", "STATE");
    for (SetDescription set : backup.sets()) {
      table.row(
          set.set(), set.member(), set.dbPath(), set.files(), Table.size(set.bytes()), state(set));
    }
    return table.lines();
  }

  static String state(SetDescription set) {
    return set.state() + adoption(set);
  }

  /** The empty text while the first holder keeps the cursor. */
  static String adoption(SetDescription set) {
    return switch (set.adoptions()) {
      case 0 -> "";
      case 1 -> " (cursor adopted by %s)".formatted(set.holder());
      default -> " (cursor adopted %d times, now by %s)".formatted(set.adoptions(), set.holder());
    };
  }

  static List<String> of(Manifest backup) {
    List<String> lines = new ArrayList<>();
    lines.add("backup    " + backup.backup());
    lines.add("cluster   " + backup.cluster());
    lines.add("type      " + backup.type().word());
    lines.add("status    " + backup.status());
    lines.add("point     " + backup.consistentPoint().map(Object::toString).orElse("-"));
    lines.add("started   " + backup.startedAt().truncatedTo(ChronoUnit.SECONDS));
    backup
        .completedAt()
        .ifPresent(t -> lines.add("finished  " + t.truncatedTo(ChronoUnit.SECONDS)));
    lines.add(
        "window    "
            + (backup.cursorWindowMillis() == 0
                ? "-"
                : "%d ms with open cursors".formatted(backup.cursorWindowMillis())));
    backup.tags().forEach((key, value) -> lines.add("tag       %s=%s".formatted(key, value)));
    if (!backup.failure().isEmpty()) {
      lines.add("failure   " + backup.failure());
    }
    if (!backup.sets().isEmpty()) {
      lines.add("");
      Table table = new Table("SET", "MEMBER", "DATA DIRECTORY", "FILES", "SIZE", "SNAPSHOTS");
      for (ManifestSet set : backup.sets()) {
        table.row(
            set.set(),
            set.member(),
            set.dbPath(),
            set.files().files(),
            Table.size(set.files().bytes()),
            String.join(" ", set.snapshots().stream().map(BackupView::snapshot).toList()));
      }
      lines.addAll(table.lines());
    }
    notes(lines, backup.warnings());
    return lines;
  }

  private static String snapshot(SnapshotRef snapshot) {
    String copies =
        snapshot.copies().stream()
            .map(copy -> ", %s in %s".formatted(copy.id(), copy.place()))
            .collect(Collectors.joining());
    return snapshot.id() + copies;
  }

  /** Whether every set waits for a copy that a person makes. */
  static boolean isReadyToCopy(BackupDescription backup) {
    return backup.phase() == BackupPhase.COPYING
        && !backup.sets().isEmpty()
        && backup.sets().stream().allMatch(s -> !s.fileList().isEmpty());
  }

  static List<String> copyInstructions(BackupDescription backup) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "backup %s is ready to copy; its files stay as they are until it is finished"
            .formatted(backup.backup()));
    if (backup.attempt() > 1) {
      lines.add(
          "this is attempt %d: a cursor was lost, so what was copied before is worthless"
              .formatted(backup.attempt()));
    }
    lines.add("");
    lines.addAll(sets(backup));
    lines.add("");
    lines.add(
        "files to copy:   stillpoint describe-backup %s --list-files".formatted(backup.backup()));
    lines.add(
        "after the copy:  stillpoint backup-finish %s%s"
            .formatted(
                backup.backup(), backup.attempt() > 1 ? " --attempt " + backup.attempt() : ""));
    lines.add("to give it up:   stillpoint cancel " + backup.backup());
    return lines;
  }

  static void notes(List<String> lines, List<String> notes) {
    if (!notes.isEmpty()) {
      lines.add("");
      notes.forEach(n -> lines.add("note: " + n));
    }
  }
}
