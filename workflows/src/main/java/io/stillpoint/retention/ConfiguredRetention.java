package io.stillpoint.retention;

import io.temporal.workflow.Workflow;
import java.util.Optional;

/** The retention that the worker's configuration names for a cluster. */
@FunctionalInterface
public interface ConfiguredRetention {

  /** Returns {@link RetentionPolicy#NONE} if there is none. */
  RetentionPolicy of(String cluster);

  /**
   * What a workflow applies: the rules that its input brought, else the worker's, recorded so that
   * a replay elsewhere decides the same.
   */
  default RetentionPolicy chosen(Optional<RetentionPolicy> given, String cluster) {
    return given.orElseGet(() -> Workflow.sideEffect(RetentionPolicy.class, () -> of(cluster)));
  }

  /** For workers that configure none. */
  static ConfiguredRetention none() {
    return cluster -> RetentionPolicy.NONE;
  }
}
