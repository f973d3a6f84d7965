package io.stillpoint.retention;

/** The retention that the worker's configuration names for a cluster. */
@FunctionalInterface
public interface ConfiguredRetention {

  /** Returns {@link RetentionPolicy#NONE} if there is none. */
  RetentionPolicy of(String cluster);

  /** For workers that configure none. */
  static ConfiguredRetention none() {
    return cluster -> RetentionPolicy.NONE;
  }
}
