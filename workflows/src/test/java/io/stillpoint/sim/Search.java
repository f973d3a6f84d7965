package io.stillpoint.sim;

import io.stillpoint.policy.Payloads;
import io.stillpoint.sim.virtual.Timing;
import io.temporal.common.converter.DataConverter;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Runs schedules in virtual time and makes those that fail small.
 *
 * @param converter one for all, because it learns how records are written
 * @param threads for workflow code
 * @param defect breaks a cluster before anything runs on it
 */
record Search(DataConverter converter, ExecutorService threads, Consumer<World> defect) {

  Search(ExecutorService threads) {
    this(Payloads.converter(), threads, world -> {});
  }

  /** The same on clusters that are not as they should be. */
  Search with(Consumer<World> broken) {
    return new Search(converter, threads, broken);
  }

  /** Throws what is wrong with the schedule, if anything is. */
  ScheduleRun.Run run(Schedule schedule) {
    return ScheduleRun.run(schedule, place(schedule));
  }

  private BiFunction<World, Faults, Operations> place(Schedule schedule) {
    Timing timing = schedule.even() ? Timing.even() : Timing.seeded(schedule.seed());
    return (world, faults) -> {
      defect.accept(world);
      return new VirtualOperations(world, faults, timing, converter, threads);
    };
  }

  /** What fails, with the seed and the smallest schedule that fails too. */
  Optional<String> failure(Schedule schedule) {
    return wrong(schedule)
        .map(
            e -> {
              Schedule least = shrink(schedule);
              return "seed %d fails; again with: make sim SEED=%d RUNS=1%nfaults: %s%nleast:  %s%n%s"
                  .formatted(
                      schedule.seed(),
                      schedule.seed(),
                      schedule,
                      least,
                      wrong(least).map(Throwable::toString).orElse(e.toString()));
            });
  }

  private Optional<Throwable> wrong(Schedule schedule) {
    try {
      run(schedule);
      return Optional.empty();
    } catch (AssertionError | RuntimeException e) {
      return Optional.of(e);
    }
  }

  /** The first that still fails when nothing more can be taken from it. */
  Schedule shrink(Schedule failing) {
    for (int i = 0; i < failing.blows().size(); i++) {
      Schedule fewer = failing.without(i);
      if (wrong(fewer).isPresent()) {
        return shrink(fewer);
      }
    }
    if (failing.shards() > 0 && wrong(failing.onSets(failing.shards() - 1)).isPresent()) {
      return shrink(failing.onSets(failing.shards() - 1));
    }
    if (!failing.even() && wrong(failing.evenly()).isPresent()) {
      return shrink(failing.evenly());
    }
    return failing;
  }
}
