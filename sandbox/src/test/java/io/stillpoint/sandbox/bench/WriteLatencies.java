package io.stillpoint.sandbox.bench;

import java.util.Arrays;

/** Latencies of some writes, in milliseconds. */
record WriteLatencies(double[] sorted) {

  WriteLatencies {
    sorted = sorted.clone();
    Arrays.sort(sorted);
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no write fell into the time that is looked at");
    }
  }

  double median() {
    return sorted[sorted.length / 2];
  }

  /** One of a hundred is slower. */
  double slowest() {
    return sorted[(int) (sorted.length * 0.99)];
  }
}
