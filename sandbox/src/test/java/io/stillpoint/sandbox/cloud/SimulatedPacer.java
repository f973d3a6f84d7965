package io.stillpoint.sandbox.cloud;

import io.stillpoint.cloud.Pacer;
import java.time.Duration;
import java.time.Instant;

/** Waiting moves the simulated clock and costs no time. */
record SimulatedPacer(SimulatedTime time) implements Pacer {

  @Override
  public Instant now() {
    return time.instant();
  }

  @Override
  public void pause(Duration by) {
    time.advance(by);
  }
}
