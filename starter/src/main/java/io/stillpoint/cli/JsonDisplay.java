package io.stillpoint.cli;

import java.io.PrintStream;
import java.util.Map;

/** One JSON object per change. */
final class JsonDisplay implements ProgressDisplay {
  private final PrintStream err;
  private Progress last;

  JsonDisplay(PrintStream err) {
    this.err = err;
  }

  @Override
  public void show(Progress progress) {
    if (!progress.equals(last)) {
      last = progress;
      err.println(Json.line(Map.of("progress", progress)));
    }
  }

  @Override
  public void remark(String text) {
    err.println(Json.line(Map.of("remark", text)));
  }

  @Override
  public void end() {
    err.flush();
  }
}
