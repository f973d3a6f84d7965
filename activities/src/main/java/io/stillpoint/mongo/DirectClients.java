package io.stillpoint.mongo;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ServerAddress;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.connection.ClusterConnectionMode;
import com.mongodb.connection.ServerMonitoringMode;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** Makes clients that talk to exactly one server, whatever replica set it belongs to. */
final class DirectClients {

  private final MongoTimeouts timeouts;

  DirectClients(MongoTimeouts timeouts) {
    this.timeouts = timeouts;
  }

  /** Without credentials and TLS: for a temporary mongod on the loopback interface. */
  MongoClient loopback(String address) {
    return MongoClients.create(settings(address, timeouts.read().toMillis()).build());
  }

  MongoClient bounded(ConnectionString uri, Optional<SSLContext> tls, String address) {
    return MongoClients.create(
        withCredentials(settings(address, timeouts.read().toMillis()), uri, tls).build());
  }

  /**
   * Waits for a reply as long as the connection lives (TCP keep-alive ends a dead one): for opening
   * a cursor, which may wait for a checkpoint, and for extend, which aborts servers before 7.0 when
   * its client goes away.
   */
  MongoClient patient(ConnectionString uri, Optional<SSLContext> tls, String address) {
    return MongoClients.create(withCredentials(settings(address, 0), uri, tls).build());
  }

  /**
   * Parses a URI without ever repeating it in an error.
   *
   * @throws StillpointException CONFIGURATION_INVALID
   */
  static ConnectionString parse(String cluster, String uri) {
    ConnectionString parsed;
    try {
      parsed = new ConnectionString(uri);
    } catch (IllegalArgumentException e) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "the uri of cluster '%s' is no MongoDB connection string".formatted(cluster),
          "write it as mongodb://user:password@host:port/?options, special characters escaped");
    }
    if (parsed.isSrvProtocol()) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "the uri of cluster '%s' is of the form mongodb+srv, which names no server"
              .formatted(cluster),
          "name the servers: mongodb://host:port,host:port");
    }
    return parsed;
  }

  private static MongoClientSettings.Builder withCredentials(
      MongoClientSettings.Builder builder, ConnectionString uri, Optional<SSLContext> tls) {
    if (uri.getCredential() != null) {
      builder.credential(uri.getCredential());
    }
    return builder.applyToSslSettings(
        ssl -> {
          ssl.applyConnectionString(uri);
          tls.ifPresent(context -> ssl.enabled(true).context(context));
        });
  }

  private MongoClientSettings.Builder settings(String address, long readMillis) {
    long connectMillis = timeouts.connect().toMillis();
    return MongoClientSettings.builder()
        .applicationName("stillpoint")
        .retryReads(false)
        .retryWrites(false)
        .applyToClusterSettings(
            c ->
                c.hosts(List.of(new ServerAddress(address)))
                    .mode(ClusterConnectionMode.SINGLE)
                    .serverSelectionTimeout(connectMillis, TimeUnit.MILLISECONDS))
        .applyToServerSettings(
            s ->
                s.minHeartbeatFrequency(50, TimeUnit.MILLISECONDS)
                    .serverMonitoringMode(ServerMonitoringMode.POLL))
        .applyToConnectionPoolSettings(
            p -> p.maxSize(16).maxWaitTime(connectMillis, TimeUnit.MILLISECONDS))
        .applyToSocketSettings(
            s ->
                s.connectTimeout((int) connectMillis, TimeUnit.MILLISECONDS)
                    .readTimeout((int) readMillis, TimeUnit.MILLISECONDS));
  }
}
