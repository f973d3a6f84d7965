package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sim.Faults.Kind;
import io.stillpoint.sim.Schedule.Blow;
import io.stillpoint.sim.Schedule.Event;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schedules of several faults over the real workflow code, in virtual time. {@code make sim
 * SEED=n RUNS=n} runs more of them; a failure prints its seed and the least that still fails.
 */
@Tag("sim")
class ScheduleTest {

  private static final int MOST_SHOWN = 10;
  private static final int MOST_STUCK = 3;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Search search = new Search(threads);

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  @Timeout(7200)
  void shouldHoldTheInvariantsUnderEverySchedule() {
    long first = Long.getLong("stillpoint.sim.seed", 1L);
    int runs = Integer.getInteger("stillpoint.sim.runs", 200);
    long began = System.nanoTime();

    List<String> failures =
        LongStream.range(first, first + runs)
            .parallel()
            .mapToObj(seed -> search.failure(Schedule.of(seed)))
            .flatMap(Optional::stream)
            .toList();

    double minutes = (System.nanoTime() - began) / 60e9;
    System.out.printf(
        "%d of %d schedules from seed %d held; %.0f a minute%n",
        runs - failures.size(), runs, first, runs / minutes);
    assertThat(failures.stream().limit(MOST_SHOWN).toList()).isEmpty();
  }

  @Test
  void shouldRunTheSameSeedTheSameWay() {
    Schedule schedule = Schedule.of(18);

    assertThat(search.run(schedule)).isEqualTo(search.run(schedule));
  }

  /** The search is worth nothing if it does not find what is wrong and say it briefly. */
  @Test
  void shouldFindAForgottenCompensationAndMakeItSmall() {
    Blow cause = new Blow(Event.FAULT, "start", 0, Kind.PERMANENT);
    List<Blow> blows =
        List.of(
            new Blow(Event.FAULT, "open", 1, Kind.TRANSIENT_AFTER),
            new Blow(Event.RESTART_CONTROL, "cut", 0, Kind.DIES_AFTER),
            cause,
            new Blow(Event.FAULT, "complete", 0, Kind.TRANSIENT_BEFORE));
    Schedule schedule = new Schedule(7, 1, false, blows);
    Search broken = search.with(world -> world.undoForgotten = true);

    assertThat(search.failure(schedule)).isEmpty();
    assertThat(broken.failure(schedule))
        .get()
        .asString()
        .contains("seed 7", "PERMANENT of start#0");
    assertThat(broken.shrink(schedule)).isEqualTo(new Schedule(7, 0, true, List.of(cause)));
  }

  /** What runs the workflows must not matter. */
  @ParameterizedTest
  @ValueSource(longs = {2, 11, 23})
  void shouldEndAsOnTheInMemoryServer(long seed) {
    Schedule schedule = Schedule.ofServer(seed);

    assertThat(search.run(schedule).ended()).isEqualTo(onServer(schedule).ended());
  }

  private static ScheduleRun.Run onServer(Schedule schedule) {
    for (int stuck = 1; true; stuck++) {
      try {
        return ScheduleRun.run(schedule, ServerOperations::new);
      } catch (ServerOperations.StuckException e) {
        if (stuck == MOST_STUCK) {
          throw e;
        }
      }
    }
  }
}
