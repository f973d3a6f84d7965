package io.stillpoint.sandbox.bench;

import java.util.List;

/** What several runs of one measurement gave, in the order of the runs. */
record Samples(List<Double> values) {

  Samples {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a figure needs at least one run");
    }
  }

  double median() {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /** From the smallest to the largest: with so few runs no outlier is left out. */
  double spread() {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() - 1) - sorted.get(0);
  }
}
