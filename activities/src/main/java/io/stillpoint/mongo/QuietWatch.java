package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Waits until nothing is in flight in a cluster that must not lie across the consistent point. */
public final class QuietWatch {

  private final MongoConnections connections;
  private final ParallelCalls calls;
  private final LayoutReader layouts;
  private final Duration deadline;

  public QuietWatch(MongoConnections connections, ParallelCalls calls) {
    this(connections, calls, Duration.ofMinutes(10));
  }

  public QuietWatch(MongoConnections connections, ParallelCalls calls, Duration deadline) {
    this.connections = connections;
    this.calls = calls;
    this.layouts = new LayoutReader(connections);
    this.deadline = deadline;
  }

  /**
   * @param waiting told what is in flight, one sentence each, on every look
   * @throws StillpointException CLUSTER_NOT_QUIET after the deadline
   */
  public void await(String cluster, Consumer<List<String>> waiting) {
    Backoff backoff = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(1), deadline);
    while (true) {
      List<String> inFlight = inFlight(cluster);
      if (inFlight.isEmpty()) {
        return;
      }
      waiting.accept(inFlight);
      if (!backoff.pause()) {
        throw new StillpointException(
            ErrorCode.CLUSTER_NOT_QUIET,
            "cluster '%s' is not quiet after %d s: %s"
                .formatted(cluster, deadline.toSeconds(), String.join("; ", inFlight)),
            "let migrations and schema changes come to rest, then start the backup again");
      }
    }
  }

  private List<String> inFlight(String cluster) {
    return calls
        .map(
            layouts.read(cluster).sets(),
            set ->
                InFlightReader.onPrimary(
                    SetPrimary.find(connections, cluster, set), set.name(), set.role()))
        .stream()
        .flatMap(List::stream)
        .toList();
  }
}
