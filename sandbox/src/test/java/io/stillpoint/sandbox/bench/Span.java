package io.stillpoint.sandbox.bench;

import java.util.Comparator;
import java.util.List;

/**
 * A stretch of time.
 *
 * @param from seconds since 1970
 */
record Span(double from, double to) {

  /** The seconds that lie in at least one of them. */
  static double covered(List<Span> spans) {
    double covered = 0;
    double until = Double.NEGATIVE_INFINITY;
    for (Span span : spans.stream().sorted(Comparator.comparingDouble(Span::from)).toList()) {
      covered += Math.max(0, span.to() - Math.max(span.from(), until));
      until = Math.max(until, span.to());
    }
    return covered;
  }
}
