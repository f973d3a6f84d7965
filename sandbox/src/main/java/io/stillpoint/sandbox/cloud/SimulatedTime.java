package io.stillpoint.sandbox.cloud;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that only moves when told to, so that hours of uploading cost a test nothing. */
public final class SimulatedTime implements InstantSource {

  private Instant now;

  public SimulatedTime(Instant start) {
    now = start;
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  public synchronized void advance(Duration by) {
    now = now.plus(by);
  }
}
