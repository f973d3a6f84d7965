package io.stillpoint.sim;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random schedules of several faults over the real workflow code. {@code make sim SEED=n RUNS=n}
 * runs more of them; a failure prints its seed and the fewest of its faults that still fail.
 */
@Tag("sim")
class ScheduleTest {

  @Test
  @Timeout(3600)
  void shouldHoldTheInvariantsUnderEverySchedule() {
    long first = Long.getLong("stillpoint.sim.seed", 1L);
    int runs = Integer.getInteger("stillpoint.sim.runs", 200);
    long began = System.nanoTime();
    int stuck = LongStream.range(first, first + runs).mapToInt(ScheduleTest::run).sum();
    double minutes = Duration.ofNanos(System.nanoTime() - began).toMillis() / 60_000.0;
    System.out.printf(
        "%d schedules from seed %d held; %.0f a minute; %d run anew on a stuck test server%n",
        runs, first, runs / minutes, stuck);
  }

  private static int run(long seed) {
    Schedule schedule = Schedule.of(seed);
    try {
      return ScheduleRun.run(schedule);
    } catch (AssertionError e) {
      throw new AssertionError(
          "seed %d fails; again with: make sim SEED=%d RUNS=1%nfaults: %s%nfewest: %s%n%s"
              .formatted(
                  seed,
                  seed,
                  schedule.blows(),
                  ScheduleRun.shrink(schedule).blows(),
                  e.getMessage()),
          e);
    }
  }
}
