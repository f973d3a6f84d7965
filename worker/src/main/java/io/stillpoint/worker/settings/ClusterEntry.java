package io.stillpoint.worker.settings;

import io.stillpoint.mongo.ClusterTls;
import io.stillpoint.retention.RetentionPolicy;
import java.util.List;
import java.util.Optional;

/**
 * A cluster that this worker may work on.
 *
 * @param uri connection string; a secret, so it never appears in {@link #toString()}
 * @param routers addresses of the mongos, empty for a single replica set
 * @param tls files for TLS; absent if the connection string says all
 * @param retention applied after each backup; {@link RetentionPolicy#NONE} for none
 */
public record ClusterEntry(
    String name,
    String uri,
    List<String> routers,
    RetentionPolicy retention,
    Optional<ClusterTls> tls) {
  public ClusterEntry {
    routers = List.copyOf(routers);
  }

  /** TLS only as the connection string says. */
  public ClusterEntry(String name, String uri, List<String> routers, RetentionPolicy retention) {
    this(name, uri, routers, retention, Optional.empty());
  }

  @Override
  public String toString() {
    return "ClusterEntry[name=%s, routers=%s]".formatted(name, routers);
  }
}
