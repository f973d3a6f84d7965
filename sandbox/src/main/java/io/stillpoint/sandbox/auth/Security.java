package io.stillpoint.sandbox.auth;

import io.stillpoint.mongo.PemTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/**
 * How one server is protected, from its options.
 *
 * @param enforced whether commands need a login
 * @param keyFile by which the members of the cluster know each other
 * @param tls absent for plain connections
 */
public record Security(boolean enforced, Optional<KeyFile> keyFile, Optional<Tls> tls) {

  /**
   * @param asksForCertificates whether a client is asked for its certificate
   * @param requiresCertificates whether one that shows none is refused
   */
  public record Tls(
      SSLContext context, boolean asksForCertificates, boolean requiresCertificates) {}

  /**
   * What the options say, by their names in the configuration file.
   *
   * @param tlsMode empty, {@code disabled} or {@code requireTLS}
   * @throws IllegalArgumentException with the reason, if the server would not start so
   * @throws IOException if a file cannot be read
   */
  public static Security of(
      boolean authorization,
      Optional<Path> keyFile,
      String tlsMode,
      Optional<Path> certificateKeyFile,
      Optional<Path> caFile,
      boolean certificatesOptional)
      throws IOException {
    Optional<KeyFile> key =
        keyFile.isPresent() ? Optional.of(KeyFile.read(keyFile.get())) : Optional.empty();
    return new Security(
        authorization || key.isPresent(),
        key,
        tls(tlsMode, certificateKeyFile, caFile, certificatesOptional));
  }

  private static Optional<Tls> tls(
      String mode, Optional<Path> certificateKeyFile, Optional<Path> caFile, boolean optional)
      throws IOException {
    if (mode.isEmpty() || mode.equals("disabled")) {
      return Optional.empty();
    }
    if (!mode.equals("requireTLS")) {
      throw new IllegalArgumentException(
          "tlsMode %s is not simulated, only disabled and requireTLS are".formatted(mode));
    }
    if (certificateKeyFile.isEmpty()) {
      throw new IllegalArgumentException(
          "need tlsCertificateKeyFile or certificateSelector when TLS is enabled");
    }
    try {
      SSLContext context = PemTls.context(caFile, certificateKeyFile);
      return Optional.of(new Tls(context, caFile.isPresent(), caFile.isPresent() && !optional));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("InvalidSSLConfiguration: " + e.getMessage(), e);
    }
  }

  /** Connections to the other servers, protected as this one's own. */
  public Peers peers() {
    return new Peers(
        tls.<SocketFactory>map(t -> t.context().getSocketFactory())
            .orElseGet(SocketFactory::getDefault),
        keyFile);
  }

  /** Makes what this server listens on. */
  public ServerSocketFactory listeners() {
    return tls.<ServerSocketFactory>map(TlsListeners::new)
        .orElseGet(ServerSocketFactory::getDefault);
  }

  /** TLS sockets that ask clients for certificates. */
  private static final class TlsListeners extends ServerSocketFactory {
    private final Tls tls;

    TlsListeners(Tls tls) {
      this.tls = tls;
    }

    @Override
    public ServerSocket createServerSocket() throws IOException {
      return asking(tls.context().getServerSocketFactory().createServerSocket());
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
      return asking(tls.context().getServerSocketFactory().createServerSocket(port));
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
      return asking(tls.context().getServerSocketFactory().createServerSocket(port, backlog));
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
        throws IOException {
      return asking(
          tls.context().getServerSocketFactory().createServerSocket(port, backlog, address));
    }

    private ServerSocket asking(ServerSocket socket) {
      SSLServerSocket server = (SSLServerSocket) socket;
      server.setWantClientAuth(tls.asksForCertificates());
      if (tls.requiresCertificates()) {
        server.setNeedClientAuth(true);
      }
      return server;
    }
  }
}
