package io.stillpoint.sandbox.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One number of the summary.
 *
 * @param key stable from release to release; benchmarks/README.md explains each
 * @param unit of median, spread, runs and baseline
 * @param baseline median of what it is compared with, measured in the same run
 * @param ratio median / baseline
 */
record Figure(
    String key,
    String unit,
    double median,
    double spread,
    List<Double> runs,
    Optional<Double> baseline,
    Optional<Double> ratio,
    Optional<Bar> bar) {

  Figure {
    runs = List.copyOf(runs);
    if (bar.isPresent() && bar.get().ofRatio() && ratio.isEmpty()) {
      throw new IllegalArgumentException(key + " has a bar for its ratio but no baseline");
    }
  }

  static Figure of(String key, String unit, Samples samples) {
    return new Figure(
        key,
        unit,
        samples.median(),
        samples.spread(),
        samples.values(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  static Figure of(String key, String unit, List<Double> samples) {
    return of(key, unit, new Samples(samples));
  }

  Figure against(double other) {
    return new Figure(
        key, unit, median, spread, runs, Optional.of(other), Optional.of(median / other), bar);
  }

  Figure heldTo(Bar limit) {
    return new Figure(key, unit, median, spread, runs, baseline, ratio, Optional.of(limit));
  }

  /** Empty where there is no bar. */
  Optional<Boolean> met() {
    return bar.map(b -> b.isMetBy(b.ofRatio() ? ratio.orElseThrow() : median));
  }

  static String text(double value) {
    return Math.abs(value) >= 100 || value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }
}
