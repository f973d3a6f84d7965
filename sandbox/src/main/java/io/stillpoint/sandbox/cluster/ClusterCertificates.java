package io.stillpoint.sandbox.cluster;

import io.stillpoint.mongo.PemTls;
import io.stillpoint.sandbox.auth.SelfSigned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * The certificates of a cluster that speaks TLS only: one that all servers show, and one by which
 * Stillpoint may log in. Applications show none.
 *
 * @param ca whom everybody trusts: the two certificates, which vouch for themselves
 * @param server certificate and key
 * @param stillpoint certificate and key
 */
public record ClusterCertificates(Path ca, Path server, Path stillpoint) {
  private static final String CLIENT = "stillpoint-worker";

  /** Whom Stillpoint's certificate names: the user's name for MONGODB-X509. */
  public static final String SUBJECT = "CN=" + CLIENT;

  static ClusterCertificates create(Path directory) {
    try {
      Files.createDirectories(directory);
      SelfSigned server = SelfSigned.create(directory, "servers");
      SelfSigned client = SelfSigned.create(directory, CLIENT);
      return new ClusterCertificates(
          joined(directory.resolve("ca.pem"), server.certificate(), client.certificate()),
          joined(directory.resolve("servers.pem"), server.certificate(), server.key()),
          joined(directory.resolve(CLIENT + ".pem"), client.certificate(), client.key()));
    } catch (IOException | GeneralSecurityException e) {
      throw new ClusterException("cannot make certificates in " + directory, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted while certificates were made", e);
    }
  }

  private static Path joined(Path file, Path first, Path second) throws IOException {
    return Files.writeString(file, Files.readString(first) + Files.readString(second));
  }

  List<String> flags() {
    return List.of(
        "--tlsMode",
        "requireTLS",
        "--tlsCertificateKeyFile",
        server.toString(),
        "--tlsCAFile",
        ca.toString(),
        "--tlsAllowConnectionsWithoutCertificates");
  }

  /** For the servers among themselves. */
  SSLContext members() {
    return context(Optional.of(server));
  }

  /** For applications: trusts the servers and shows nothing. */
  public SSLContext applications() {
    return context(Optional.empty());
  }

  private SSLContext context(Optional<Path> shown) {
    try {
      return PemTls.context(Optional.of(ca), shown);
    } catch (IOException | GeneralSecurityException e) {
      throw new ClusterException("cannot use the certificates beside " + ca, e);
    }
  }
}
