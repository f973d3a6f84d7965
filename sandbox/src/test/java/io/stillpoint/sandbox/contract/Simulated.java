package io.stillpoint.sandbox.contract;

import io.stillpoint.sandbox.cluster.ServerPrograms;

/** Whether the servers under test are simulated. */
final class Simulated {
  private Simulated() {}

  static boolean isSimulated() {
    return ServerPrograms.fromSystemProperties().isSimulated();
  }
}
