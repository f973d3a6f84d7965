package io.stillpoint.sandbox.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What is too short for a stopwatch, by JMH in a JVM of its own. */
final class MicroFigures implements Figures {

  @Override
  public String name() {
    return "micro";
  }

  @Override
  public void take(Scene scene, Summary summary) throws Exception {
    summary.add(Figure.of("plan.sets-1000", "ms", millis(scene, PlanningBenchmark.class, "plan")));
    List<Double> replays = millis(scene, ReplayBenchmark.class, "replay");
    summary.add(Figure.of("replay.longest", "ms", replays));
    int events = ReplayBenchmark.longest().getEvents().size();
    summary.add(
        Figure.of(
            "replay.per-event", "us", replays.stream().map(ms -> 1000 * ms / events).toList()));
  }

  /** One value for each iteration. */
  private static List<Double> millis(Scene scene, Class<?> benchmark, String method)
      throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(benchmark.getName() + "\\." + method + "$")
                    .forks(1)
                    .warmupIterations(scene.pick(5, 1))
                    .measurementIterations(scene.pick(10, 2))
                    .warmupTime(TimeValue.milliseconds(scene.pick(1000, 100)))
                    .measurementTime(TimeValue.milliseconds(scene.pick(1000, 100)))
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    List<Double> millis = new ArrayList<>();
    for (RunResult result : results) {
      result
          .getAggregatedResult()
          .getIterationResults()
          .forEach(i -> millis.add(i.getPrimaryResult().getScore()));
    }
    return millis;
  }
}
