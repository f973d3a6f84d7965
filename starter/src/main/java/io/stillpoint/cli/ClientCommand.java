package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A command that talks to Temporal. */
abstract class ClientCommand implements Callable<Integer> {
  private static final Pattern CLUSTER = Pattern.compile("cluster '([^']+)' is busy");

  private final StillpointCommand root;

  ClientCommand(StillpointCommand root) {
    this.root = root;
  }

  @Override
  public final Integer call() {
    try (StillpointClient client = root.connect()) {
      try {
        return run(client);
      } catch (StillpointException e) {
        throw e.code() == ErrorCode.CLUSTER_BUSY ? withHolder(e, client) : e;
      }
    }
  }

  /** A workflow cannot see who holds the cluster; the command line can. */
  private static StillpointException withHolder(StillpointException busy, StillpointClient client) {
    Matcher cluster = CLUSTER.matcher(busy.getMessage());
    if (!cluster.find()) {
      return busy;
    }
    try {
      return client.running(Optional.of(cluster.group(1))).stream()
          .findFirst()
          .map(
              o ->
                  new StillpointException(
                      busy.code(),
                      "%s: %s '%s'".formatted(busy.getMessage(), o.kind(), o.name()),
                      "see it with: stillpoint watch " + o.name(),
                      busy))
          .orElse(busy);
    } catch (StillpointException e) {
      busy.addSuppressed(e);
      return busy;
    }
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
