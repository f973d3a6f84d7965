package io.stillpoint.cli;

import io.stillpoint.error.StillpointException;
import io.stillpoint.error.TemporalProblems;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Asks a Temporal that is restarted or too busy again for a while, and says so. */
final class Patience {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Printer printer;
  private final Duration limit;

  Patience(Printer printer) {
    this(printer, LIMIT);
  }

  Patience(Printer printer, Duration limit) {
    this.printer = printer;
    this.limit = limit;
  }

  /** Returns the answer, or throws what the last call threw when the time is up. */
  <R> R with(Supplier<R> call) {
    Instant deadline = Instant.now().plus(limit);
    String said = "";
    while (true) {
      try {
        return call.get();
      } catch (StillpointException e) {
        if (!TemporalProblems.mayPass(e) || Instant.now().isAfter(deadline)) {
          throw e;
        }
        if (!said.equals(e.getMessage())) {
          said = e.getMessage();
          printer.progress("waiting for up to %s: %s".formatted(Durations.words(limit), said));
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }
}
