package io.stillpoint.cli;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupDescription.SetDescription;
import io.stillpoint.client.CopyProgress;
import io.stillpoint.client.PendingWork;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestoreDescription.MemberDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is shown of a running operation at one moment.
 *
 * @param items its replica sets or members
 * @param retrying what fails now and is tried again
 */
record Progress(
    String operation, String phase, List<Item> items, List<String> notes, List<String> retrying) {
  Progress {
    items = List.copyOf(items);
    notes = List.copyOf(notes);
    retrying = List.copyOf(retrying);
  }

  /**
   * @param remark what may be cut off where a line is too long
   */
  record Item(String name, String state, Optional<CopyProgress> copy, String remark) {
    String text() {
      return copy.filter(c -> c.totalBytes() > 0)
          .map(
              c ->
                  "%s%s %d %% (%s of %s)%s"
                      .formatted(
                          state,
                          c.checking() ? ", checking" : "",
                          c.percent(),
                          Table.size(c.doneBytes()),
                          Table.size(c.totalBytes()),
                          c.attempt() > 1 ? ", resumed" : ""))
          .orElse(state);
    }
  }

  static Progress of(BackupDescription backup, PendingWork pending) {
    List<SetDescription> open = backup.sets().stream().filter(s -> !s.copyFinished()).toList();
    List<Item> items = new ArrayList<>();
    for (SetDescription set : backup.sets()) {
      int at = open.indexOf(set);
      items.add(
          new Item(
              set.set() + " " + set.member(),
              set.state(),
              copyAt(pending.copies(), at, open.size()),
              BackupView.adoption(set)));
    }
    return new Progress(
        "backup " + backup.backup(),
        backup.phase().name(),
        items,
        backup.notes(),
        pending.retrying());
  }

  static Progress of(RestoreDescription restore, PendingWork pending) {
    List<MemberDescription> open =
        restore.members().stream().filter(m -> !m.copyFinished()).toList();
    List<Item> items = new ArrayList<>();
    for (MemberDescription member : restore.members()) {
      int at = open.indexOf(member);
      items.add(
          new Item(
              member.set() + " " + member.member(),
              member.state(),
              copyAt(pending.copies(), at, open.size()),
              ""));
    }
    return new Progress(
        "restore " + restore.restore(),
        restore.phase().name(),
        items,
        restore.notes(),
        pending.retrying());
  }

  // Temporal does not say whose copy an activity is; in the order of the sets it is clear only
  // while there are as many running copies as unfinished sets.
  private static Optional<CopyProgress> copyAt(List<CopyProgress> copies, int at, int open) {
    return at >= 0 && copies.size() == open ? Optional.of(copies.get(at)) : Optional.empty();
  }
}
