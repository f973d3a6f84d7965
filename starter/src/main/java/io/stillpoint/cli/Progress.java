package io.stillpoint.cli;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupDescription.SetDescription;
import io.stillpoint.client.CopyProgress;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestoreDescription.MemberDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is shown of a running operation at one moment.
 *
 * @param items its replica sets or members
 */
record Progress(String operation, String phase, List<Item> items, List<String> notes) {
  Progress {
    items = List.copyOf(items);
    notes = List.copyOf(notes);
  }

  record Item(String name, String state, Optional<CopyProgress> copy) {
    String text() {
      return copy.filter(c -> c.totalBytes() > 0)
          .map(
              c ->
                  "%s %d %% (%s of %s)%s"
                      .formatted(
                          state,
                          c.percent(),
                          Table.size(c.doneBytes()),
                          Table.size(c.totalBytes()),
                          c.attempt() > 1 ? ", resumed" : ""))
          .orElse(state);
    }
  }

  static Progress of(BackupDescription backup, List<CopyProgress> copies) {
    List<SetDescription> open = backup.sets().stream().filter(s -> !s.copyFinished()).toList();
    List<Item> items = new ArrayList<>();
    for (SetDescription set : backup.sets()) {
      int at = open.indexOf(set);
      items.add(
          new Item(
              set.set() + " " + set.member(),
              BackupView.state(set),
              copyAt(copies, at, open.size())));
    }
    return new Progress("backup " + backup.backup(), backup.phase().name(), items, backup.notes());
  }

  static Progress of(RestoreDescription restore, List<CopyProgress> copies) {
    List<MemberDescription> open =
        restore.members().stream().filter(m -> !m.copyFinished()).toList();
    List<Item> items = new ArrayList<>();
    for (MemberDescription member : restore.members()) {
      int at = open.indexOf(member);
      items.add(
          new Item(
              member.set() + " " + member.member(),
              member.state(),
              copyAt(copies, at, open.size())));
    }
    return new Progress(
        "restore " + restore.restore(), restore.phase().name(), items, restore.notes());
  }

  // Temporal does not say whose copy an activity is; in the order of the sets it is clear only
  // while there are as many running copies as unfinished sets.
  private static Optional<CopyProgress> copyAt(List<CopyProgress> copies, int at, int open) {
    return at >= 0 && copies.size() == open ? Optional.of(copies.get(at)) : Optional.empty();
  }
}
