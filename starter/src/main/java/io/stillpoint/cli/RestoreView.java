package io.stillpoint.cli;

import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestoreDescription.MemberDescription;
import java.util.ArrayList;
import java.util.List;

/** Restores as text. */
final class RestoreView {
  private RestoreView() {}

  static List<String> of(RestoreDescription restore) {
    List<String> lines = new ArrayList<>();
    lines.add("restore   " + restore.restore());
    lines.add("backup    " + restore.backup());
    lines.add("cluster   " + restore.cluster());
    lines.add("status    %s, %s".formatted(restore.status(), restore.phase()));
    lines.add("point     " + restore.consistentPoint().map(Object::toString).orElse("none"));
    if (!restore.failure().isEmpty()) {
      lines.add("failure   " + restore.failure());
    }
    if (!restore.members().isEmpty()) {
      lines.add("");
      lines.addAll(members(restore));
    }
    BackupView.notes(lines, restore.notes());
    return lines;
  }

  static List<String> members(RestoreDescription restore) {
    Table table = new Table("SET", "MEMBER", "DATA OF", "STAGE", "STATE");
    for (MemberDescription member : restore.members()) {
      table.row(
          member.set(), member.member(), member.sourceSet(), member.stagePath(), member.state());
    }
    return table.lines();
  }

  static List<String> plan(RestoreDescription restore) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "restore of backup %s: this replaces the data of cluster '%s'"
            .formatted(restore.backup(), restore.cluster()));
    restore.plan().forEach(l -> lines.add("  " + l));
    restore.notes().stream()
        .map(n -> "  note: " + n)
        .filter(n -> !lines.contains(n))
        .forEach(lines::add);
    return lines;
  }

  static List<String> copyInstructions(RestoreDescription restore) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "restore %s waits for the files; put them into the stage directories"
            .formatted(restore.restore()));
    lines.add("");
    lines.addAll(members(restore));
    lines.add("");
    lines.add("after the copy:  stillpoint restore-finish " + restore.restore());
    lines.add("to give it up:   stillpoint cancel " + restore.restore());
    return lines;
  }
}
