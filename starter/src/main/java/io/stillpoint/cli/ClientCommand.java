package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import java.util.concurrent.Callable;

/** A command that talks to Temporal. */
abstract class ClientCommand implements Callable<Integer> {
  private final StillpointCommand root;

  ClientCommand(StillpointCommand root) {
    this.root = root;
  }

  @Override
  public final Integer call() {
    try (StillpointClient client = connect()) {
      return run(client);
    }
  }

  StillpointClient connect() {
    return root.connect();
  }

  /** Returns the exit code. */
  abstract int run(StillpointClient client);

  final StillpointCommand root() {
    return root;
  }

  final Printer printer() {
    return root.printer();
  }
}
