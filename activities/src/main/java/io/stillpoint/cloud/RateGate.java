package io.stillpoint.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps the calls of this process apart: per volume as the cloud demands, and altogether as the
 * configuration says. Other workers have gates of their own, so the cloud may still refuse.
 */
public final class RateGate {

  private static final Duration SLICE = Duration.ofSeconds(1);

  private final Pacer pacer;
  private final Duration perVolume;
  private final Duration altogether;
  private final Map<String, Instant> openAt = new HashMap<>();
  private Instant nextAny = Instant.MIN;

  public RateGate(Pacer pacer, Duration perVolume, Duration altogether) {
    this.pacer = pacer;
    this.perVolume = perVolume;
    this.altogether = altogether;
  }

  /**
   * Returns when a call about these volumes may be made, and counts it as made.
   *
   * @param alive called at least every second of waiting; may throw to end it
   */
  public void pass(Collection<String> volumes, Runnable alive) {
    for (Duration wait = reserve(volumes); !wait.isZero(); wait = reserve(volumes)) {
      alive.run();
      pacer.pause(wait.compareTo(SLICE) < 0 ? wait : SLICE);
    }
  }

  private synchronized Duration reserve(Collection<String> volumes) {
    Instant now = pacer.now();
    Instant earliest = nextAny;
    for (String volume : volumes) {
      Instant open = openAt.getOrDefault(volume, Instant.MIN);
      earliest = open.isAfter(earliest) ? open : earliest;
    }
    if (earliest.isAfter(now)) {
      return Duration.between(now, earliest);
    }
    openAt.values().removeIf(open -> !open.isAfter(now));
    volumes.forEach(volume -> openAt.put(volume, now.plus(perVolume)));
    nextAny = now.plus(altogether);
    return Duration.ZERO;
  }
}
