package io.stillpoint.sandbox.load;

import java.time.Duration;
import java.util.List;

/**
 * What a {@link LoadWriter} does.
 *
 * @param uri of a mongos or a replica set
 * @param namespaces that the writers take turns with, such as {@code shop.orders}
 * @param writers threads, each with its own documents
 * @param majority whether each write waits for a majority of members
 * @param pause of each writer between two steps; a step is an insert and about one other write
 * @param padding bytes added to each document
 */
public record LoadSpec(
    String uri,
    List<String> namespaces,
    int writers,
    boolean majority,
    Duration pause,
    int padding) {

  public LoadSpec {
    namespaces = List.copyOf(namespaces);
    if (namespaces.isEmpty() || writers < 1 || padding < 0 || pause.isNegative()) {
      throw new IllegalArgumentException(
          "cannot write to %d collections with %d writers".formatted(namespaces.size(), writers));
    }
  }

  /** Four writers, 100 bytes of padding, 5 ms of pause, not waiting for a majority. */
  public static LoadSpec of(String uri, String... namespaces) {
    return new LoadSpec(uri, List.of(namespaces), 4, false, Duration.ofMillis(5), 100);
  }
}
