package io.stillpoint.worker;

import java.util.Map;

/** The variables in which TEMPORAL_* is looked for. */
record ProcessEnvironment(Map<String, String> variables) {
  ProcessEnvironment {
    variables = Map.copyOf(variables);
  }

  /** Without the values, some of which are secret. */
  @Override
  public String toString() {
    return "%d variables".formatted(variables.size());
  }
}
