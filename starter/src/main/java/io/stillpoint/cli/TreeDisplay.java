package io.stillpoint.cli;

import io.stillpoint.client.CopyProgress;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A small tree on a terminal, drawn anew in place. */
final class TreeDisplay implements ProgressDisplay {
  private static final String UP_AND_CLEAR = "\u001b[1A\u001b[2K";
  private static final int BAR = 20;
  // Below this the bar would leave no room for the numbers.
  private static final int COLUMNS_FOR_BAR = 70;

  private final PrintStream err;
  private final int columns;
  private final TimeLeft timeLeft;
  private List<String> drawn = List.of();
  private int notes;

  /**
   * @param columns a longer line would wrap, and drawing anew would leave its rest behind
   */
  TreeDisplay(PrintStream err, int columns) {
    this(err, columns, new TimeLeft(System::nanoTime));
  }

  TreeDisplay(PrintStream err, int columns, TimeLeft timeLeft) {
    this.err = err;
    this.columns = columns;
    this.timeLeft = timeLeft;
  }

  @Override
  public void show(Progress progress) {
    List<String> lines = new ArrayList<>();
    lines.add("%s: %s".formatted(progress.operation(), progress.phase()));
    int width = progress.items().stream().mapToInt(i -> i.name().length()).max().orElse(0);
    for (Progress.Item item : progress.items()) {
      String padding = " ".repeat(width - item.name().length());
      lines.add(
          "  %s%s  %s"
              .formatted(
                  item.name(), padding, bar(item) + item.text() + left(item) + item.remark()));
    }
    progress.retrying().forEach(r -> lines.add("  retrying " + r));
    boolean newNotes = progress.notes().size() > notes;
    if (lines.equals(drawn) && !newNotes) {
      return;
    }
    erase();
    for (; notes < progress.notes().size(); notes++) {
      err.println("note: " + progress.notes().get(notes));
    }
    lines.stream().map(l -> l.substring(0, Math.min(l.length(), columns))).forEach(err::println);
    err.flush();
    drawn = lines;
  }

  @Override
  public void remark(String text) {
    erase();
    drawn = List.of();
    err.println(text);
  }

  @Override
  public void end() {
    drawn = List.of();
    err.flush();
  }

  private void erase() {
    drawn.forEach(l -> err.print(UP_AND_CLEAR));
  }

  private String left(Progress.Item item) {
    return item.copy()
        .filter(c -> c.totalBytes() > 0)
        .flatMap(c -> timeLeft.of(item.name(), c))
        .map(d -> ", %s left".formatted(Durations.words(d)))
        .orElse("");
  }

  private String bar(Progress.Item item) {
    return item.copy()
        .filter(c -> columns >= COLUMNS_FOR_BAR && c.totalBytes() > 0)
        .map(CopyProgress::percent)
        .map(p -> "[" + "#".repeat(p * BAR / 100) + ".".repeat(BAR - p * BAR / 100) + "] ")
        .orElse("");
  }
}
