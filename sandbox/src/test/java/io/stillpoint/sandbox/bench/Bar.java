package io.stillpoint.sandbox.bench;

/**
 * What a figure is held against.
 *
 * @param ofRatio the bar is for the ratio to the baseline, not for the figure itself
 */
record Bar(boolean atMost, double limit, boolean ofRatio) {

  static Bar atMost(double limit) {
    return new Bar(true, limit, false);
  }

  static Bar ratioAtMost(double limit) {
    return new Bar(true, limit, true);
  }

  static Bar ratioAtLeast(double limit) {
    return new Bar(false, limit, true);
  }

  boolean isMetBy(double value) {
    return atMost ? value <= limit : value >= limit;
  }

  @Override
  public String toString() {
    return "%s%s %s".formatted(ofRatio ? "ratio " : "", atMost ? "<=" : ">=", Figure.text(limit));
  }
}
