package io.stillpoint.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A point on a cluster's logical clock: seconds since the epoch and the increment within that
 * second, as in a BSON timestamp. Written "T,I" everywhere, so that the increment is never lost.
 */
public record ClusterTime(long seconds, long increment) implements Comparable<ClusterTime> {

  public static final ClusterTime ZERO = new ClusterTime(0, 0);

  public ClusterTime {
    if (seconds < 0 || seconds > 0xFFFFFFFFL || increment < 0 || increment > 0xFFFFFFFFL) {
      throw new IllegalArgumentException(
          "cluster time %d,%d is outside of two unsigned 32-bit numbers"
              .formatted(seconds, increment));
    }
  }

  /** Reads "T,I". */
  @JsonCreator
  public static ClusterTime parse(String text) {
    int comma = text.indexOf(',');
    if (comma < 0) {
      throw new IllegalArgumentException(
          "cluster time '%s' is not of the form T,I".formatted(text));
    }
    return new ClusterTime(
        Long.parseLong(text.substring(0, comma).strip()),
        Long.parseLong(text.substring(comma + 1).strip()));
  }

  public static ClusterTime max(ClusterTime one, ClusterTime other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  public boolean isAfter(ClusterTime other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(ClusterTime other) {
    int bySeconds = Long.compare(seconds, other.seconds);
    return bySeconds != 0 ? bySeconds : Long.compare(increment, other.increment);
  }

  @Override
  @JsonValue
  public String toString() {
    return seconds + "," + increment;
  }
}
