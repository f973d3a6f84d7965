package io.stillpoint.worker.settings;

import io.stillpoint.retention.RetentionPolicy;
import java.util.List;

/**
 * A cluster that this worker may work on.
 *
 * @param uri connection string; a secret, so it never appears in {@link #toString()}
 * @param routers addresses of the mongos, empty for a single replica set
 * @param retention applied after each backup; {@link RetentionPolicy#NONE} for none
 */
public record ClusterEntry(
    String name, String uri, List<String> routers, RetentionPolicy retention) {
  public ClusterEntry {
    routers = List.copyOf(routers);
  }

  @Override
  public String toString() {
    return "ClusterEntry[name=%s, routers=%s]".formatted(name, routers);
  }
}
