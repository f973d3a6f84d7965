package io.stillpoint.mongo;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * The direct connections of a worker: one client per server and kind, opened when first used and
 * kept, so that the short window of a backup finds them warm. Thread-safe.
 */
public final class MongoConnections implements AutoCloseable {

  /** For a look at a server that may well be down, among others that wait for their turn. */
  private static final MongoTimeouts PROBE =
      new MongoTimeouts(Duration.ofMillis(400), Duration.ofSeconds(5));

  private final Map<String, ClusterSettings> clusters = new TreeMap<>();
  private final Map<String, MongoClient> clients = new ConcurrentHashMap<>();
  private final Optional<String> catalog;
  private final DirectClients direct;
  private final DirectClients impatient = new DirectClients(PROBE);

  public MongoConnections(Collection<ClusterSettings> clusters) {
    this(clusters, Optional.empty(), MongoTimeouts.DEFAULT);
  }

  public MongoConnections(Collection<ClusterSettings> clusters, MongoTimeouts timeouts) {
    this(clusters, Optional.empty(), timeouts);
  }

  /**
   * @param catalog connection string of the deployment that keeps the catalog, if one does
   */
  public MongoConnections(Collection<ClusterSettings> clusters, Optional<String> catalog) {
    this(clusters, catalog, MongoTimeouts.DEFAULT);
  }

  private MongoConnections(
      Collection<ClusterSettings> clusters, Optional<String> catalog, MongoTimeouts timeouts) {
    clusters.forEach(c -> this.clusters.put(c.name(), c));
    this.catalog = catalog;
    this.direct = new DirectClients(timeouts);
  }

  /**
   * @throws StillpointException CLUSTER_UNKNOWN
   */
  public ClusterSettings settings(String cluster) {
    ClusterSettings found = clusters.get(cluster);
    if (found == null) {
      throw new StillpointException(
          ErrorCode.CLUSTER_UNKNOWN,
          "cluster '%s' is not in this worker's configuration, which has %s"
              .formatted(cluster, clusters.keySet()),
          "add it under stillpoint.clusters and restart the worker");
    }
    return found;
  }

  /** The addresses that the cluster's URI names. */
  public List<String> seeds(String cluster) {
    return uri(cluster).getHosts().stream().map(MongoConnections::withPort).toList();
  }

  /** The replica set that the cluster's URI asks for, if it does. */
  Optional<String> namedSet(String cluster) {
    return Optional.ofNullable(uri(cluster).getRequiredReplicaSetName());
  }

  /** The names of the other clusters of this worker's configuration. */
  List<String> otherNames(String cluster) {
    return clusters.keySet().stream().filter(name -> !name.equals(cluster)).toList();
  }

  /** What the configuration says of the cluster's servers, without asking a server or the DNS. */
  Set<String> namedServers(String cluster) {
    Set<String> servers = new TreeSet<>(settings(cluster).routers());
    if (!isAskedOfDns(settings(cluster).uri())) {
      servers.addAll(seeds(cluster));
    }
    return servers;
  }

  /** The servers that the catalog's connection string names, without asking the DNS. */
  List<String> catalogServers() {
    return catalog
        .filter(uri -> !isAskedOfDns(uri))
        .map(uri -> new ConnectionString(uri).getHosts())
        .orElse(List.of())
        .stream()
        .map(MongoConnections::withPort)
        .toList();
  }

  private static boolean isAskedOfDns(String uri) {
    return uri.startsWith("mongodb+srv:");
  }

  /** A connection for ordinary commands, each of them bounded in time. */
  public ServerConnection server(String cluster, String address) {
    return connect(
        "bounded", cluster, address, () -> direct.bounded(uri(cluster), tls(cluster), address));
  }

  /** A connection for commands that must never be cut off by a timeout. */
  public ServerConnection patientServer(String cluster, String address) {
    return connect(
        "patient", cluster, address, () -> direct.patient(uri(cluster), tls(cluster), address));
  }

  /** A connection that gives up soon if the server is down. */
  ServerConnection probe(String cluster, String address) {
    return connect(
        "probe", cluster, address, () -> impatient.bounded(uri(cluster), tls(cluster), address));
  }

  @Override
  public void close() {
    clients.values().forEach(MongoClient::close);
    clients.clear();
  }

  private ConnectionString uri(String cluster) {
    return DirectClients.parse(cluster, settings(cluster).uri());
  }

  private Optional<SSLContext> tls(String cluster) {
    return settings(cluster).tls().map(files -> files.context(cluster));
  }

  private ServerConnection connect(
      String kind, String cluster, String address, Supplier<MongoClient> open) {
    String key = kind + " " + cluster + " " + address;
    return new ServerConnection(address, clients.computeIfAbsent(key, k -> open.get()));
  }

  private static String withPort(String host) {
    return host.contains(":") && !host.endsWith("]") ? host : host + ":27017";
  }
}
