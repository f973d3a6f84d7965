package io.stillpoint.sandbox.cluster;

import io.stillpoint.sandbox.auth.Peers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.SocketFactory;

/**
 * How one gets at the servers of a cluster.
 *
 * @param users present if they ask for a login
 * @param certificates present if they speak TLS only
 */
record ClusterAccess(Optional<ClusterUsers> users, Optional<ClusterCertificates> certificates) {
  static final ClusterAccess OPEN = new ClusterAccess(Optional.empty(), Optional.empty());

  static ClusterAccess of(ClusterSpec spec) {
    return new ClusterAccess(
        spec.password().map(password -> ClusterUsers.create(spec.directory(), password)),
        spec.tls()
            ? Optional.of(ClusterCertificates.create(spec.directory().resolve("tls")))
            : Optional.empty());
  }

  /** Of every server. */
  List<String> flags() {
    List<String> flags = new ArrayList<>();
    users.ifPresent(u -> flags.addAll(u.flags()));
    certificates.ifPresent(c -> flags.addAll(c.flags()));
    return flags;
  }

  /** Connections as a member of the cluster, which may do everything. */
  Peers members() {
    return new Peers(sockets(), users.map(ClusterUsers::key));
  }

  /** Connections to a mongos, which does not know members: their user is in {@code local}. */
  Peers clients() {
    return users
        .map(u -> Peers.of(sockets(), u.administrator()))
        .orElseGet(() -> new Peers(sockets(), Optional.empty()));
  }

  private SocketFactory sockets() {
    return certificates
        .<SocketFactory>map(c -> c.members().getSocketFactory())
        .orElseGet(SocketFactory::getDefault);
  }

  /** A connection string, as administrator where a login is needed. */
  String uri(String hosts, String options) {
    String all = joined(options, certificates.isPresent() ? "tls=true" : "");
    return users
        .map(u -> u.uri(ClusterUsers.ADMINISTRATOR, hosts, all.isEmpty() ? "" : "&" + all))
        .orElse("mongodb://%s/%s".formatted(hosts, all.isEmpty() ? "" : "?" + all));
  }

  /** For Stillpoint: by its certificate, by its password, or without a login. */
  String stillpointUri(String hosts, String options) {
    if (users.isEmpty()) {
      return "mongodb://%s/%s".formatted(hosts, options.isEmpty() ? "" : "?" + options);
    }
    return certificates.isPresent()
        ? "mongodb://%s/?%s".formatted(hosts, joined("authMechanism=MONGODB-X509", options))
        : users.get().uri(ClusterUsers.STILLPOINT, hosts, options.isEmpty() ? "" : "&" + options);
  }

  private static String joined(String one, String other) {
    return one.isEmpty() || other.isEmpty() ? one + other : one + "&" + other;
  }

  /** Makes role and users on a set; to be called for every set, for each has its own. */
  void createUsersOn(LocalServer primary) {
    users.ifPresent(
        u -> {
          u.createOn(primary);
          certificates.ifPresent(c -> u.createByCertificate(primary, ClusterCertificates.SUBJECT));
        });
  }
}
