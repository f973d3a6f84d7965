package io.stillpoint.sandbox.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Tells the story line by line, with the time since its beginning. */
final class Narrator {

  private final PrintStream stream;
  private final long beganNanos = System.nanoTime();
  private String lastProgress = "";

  Narrator(PrintStream stream) {
    this.stream = stream;
  }

  void chapter(String text) {
    stream.println();
    line(text);
  }

  void detail(String text) {
    line("  " + text);
  }

  /** A line that repeats while something goes on; printed only when it says something new. */
  void progress(String text) {
    if (!text.equals(lastProgress)) {
      lastProgress = text;
      detail(text);
    }
  }

  private synchronized void line(String text) {
    double seconds = Duration.ofNanos(System.nanoTime() - beganNanos).toMillis() / 1000.0;
    stream.printf(Locale.ROOT, "%6.1fs  %s%n", seconds, text);
    stream.flush();
  }
}
