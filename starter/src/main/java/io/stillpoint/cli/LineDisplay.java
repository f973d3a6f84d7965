package io.stillpoint.cli;

import io.stillpoint.client.CopyProgress;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;

/** One line per change, for logs: of a copy every tenth per cent only. */
final class LineDisplay implements ProgressDisplay {
  private final PrintStream err;
  private final Map<String, String> shown = new HashMap<>();
  private String phase = "";
  private int notes;

  LineDisplay(PrintStream err) {
    this.err = err;
  }

  @Override
  public void show(Progress progress) {
    if (!progress.phase().equals(phase)) {
      phase = progress.phase();
      err.println(progress.operation() + ": " + phase);
    }
    for (Progress.Item item : progress.items()) {
      int tenth = item.copy().map(c -> c.percent() / 10).orElse(0);
      boolean checking = item.copy().filter(CopyProgress::checking).isPresent();
      String key = item.state() + item.remark() + " " + checking + " " + tenth;
      if (!key.equals(shown.put(item.name(), key))) {
        err.println("  %s: %s".formatted(item.name(), item.text() + item.remark()));
      }
    }
    for (String retry : progress.retrying()) {
      // The attempt's number changes all the time; the reason is the news.
      String reason = retry.replaceFirst(", attempt \\d+", "");
      if (shown.putIfAbsent("retrying " + reason, "") == null) {
        err.println("  retrying " + retry);
      }
    }
    for (; notes < progress.notes().size(); notes++) {
      err.println("  note: " + progress.notes().get(notes));
    }
    err.flush();
  }

  @Override
  public void remark(String text) {
    err.println("  " + text);
  }

  @Override
  public void end() {
    err.flush();
  }
}
