package io.stillpoint.sandbox.auth;

import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import javax.net.SocketFactory;

/** Connects to other servers of the cluster, as a member of it or as a user. */
public final class Peers {
  private final SocketFactory sockets;
  private final Optional<ScramLogin> login;

  /**
   * @param sockets plain ones or TLS
   */
  public Peers(SocketFactory sockets, Optional<KeyFile> keyFile) {
    this(keyFile.map(KeyFile::login), sockets);
  }

  private Peers(Optional<ScramLogin> login, SocketFactory sockets) {
    this.sockets = sockets;
    this.login = login;
  }

  /** Connections of a user. */
  public static Peers of(SocketFactory sockets, ScramLogin login) {
    return new Peers(Optional.of(login), sockets);
  }

  /**
   * Connects to {@code host:port}.
   *
   * @throws IOException if that fails, a refused login included
   */
  public WireClient connect(String address, Duration timeout) throws IOException {
    int colon = address.lastIndexOf(':');
    WireClient client =
        WireClient.connect(
            sockets,
            address.substring(0, colon),
            Integer.parseInt(address.substring(colon + 1)),
            timeout);
    if (login.isEmpty()) {
      return client;
    }
    try {
      login.get().run(client, timeout);
      return client;
    } catch (CommandException e) {
      client.close();
      throw new IOException(address + " refused the login: " + e.getMessage(), e);
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }
}
