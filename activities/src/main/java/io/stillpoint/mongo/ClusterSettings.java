package io.stillpoint.mongo;

import java.util.List;
import java.util.Optional;

/**
 * What the worker's configuration knows of a cluster.
 *
 * @param name what requests call it
 * @param uri a connection string that names at least one server of the cluster: a mongos, or any
 *     member of a replica set. Its credentials and TLS options are used for every direct
 *     connection. Holds secrets.
 * @param routers host:port of the cluster's mongos, may be empty
 * @param tls present to connect by TLS with these files, whether or not the URI asks for TLS
 */
public record ClusterSettings(
    String name, String uri, List<String> routers, Optional<ClusterTls> tls) {

  public ClusterSettings {
    routers = List.copyOf(routers);
  }

  /** TLS only as the URI says. */
  public ClusterSettings(String name, String uri, List<String> routers) {
    this(name, uri, routers, Optional.empty());
  }

  /** Without the URI, because that may hold a password. */
  @Override
  public String toString() {
    return "ClusterSettings[name=%s, routers=%s]".formatted(name, routers);
  }
}
