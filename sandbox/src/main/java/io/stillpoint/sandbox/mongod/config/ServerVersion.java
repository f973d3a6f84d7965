package io.stillpoint.sandbox.mongod.config;

import java.util.Map;
import java.util.TreeMap;

/** Which server is simulated. */
public record ServerVersion(String full, int major, int minor, int maxWireVersion) {
  private static final Map<String, ServerVersion> KNOWN =
      new TreeMap<>(
          Map.of(
              "4.4", new ServerVersion("4.4.6-8", 4, 4, 9),
              "5.0", new ServerVersion("5.0.14-12", 5, 0, 13),
              "6.0", new ServerVersion("6.0.9-7", 6, 0, 17),
              "7.0", new ServerVersion("7.0.14-8", 7, 0, 21),
              "8.0", new ServerVersion("8.0.4-1", 8, 0, 25)));

  /**
   * The newest release of a series such as {@code 4.4}.
   *
   * @throws IllegalArgumentException on a series that is not simulated
   */
  public static ServerVersion of(String series) {
    ServerVersion found = KNOWN.get(series);
    if (found == null) {
      throw new IllegalArgumentException(
          "unknown version to simulate '" + series + "', expected one of " + KNOWN.keySet());
    }
    return found;
  }

  /** The series, which is also the feature compatibility version. */
  public String series() {
    return major + "." + minor;
  }

  /** The version without Percona's suffix. */
  public String base() {
    return full.substring(0, full.indexOf('-'));
  }

  public int patch() {
    return Integer.parseInt(base().substring(base().lastIndexOf('.') + 1));
  }

  public boolean atLeast(int wantedMajor) {
    return major >= wantedMajor;
  }
}
