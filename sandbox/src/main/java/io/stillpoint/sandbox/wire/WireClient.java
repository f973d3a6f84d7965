package io.stillpoint.sandbox.wire;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.SocketFactory;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * A connection that sends one command at a time and waits for its reply.
 *
 * <p>After an {@link IOException} the connection is closed, because a late reply could be taken for
 * that of the next command.
 */
public final class WireClient implements AutoCloseable {
  private final Socket socket;
  private final BufferedInputStream in;
  private int lastRequestId;

  private WireClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
  }

  /**
   * Connects without a handshake: servers accept commands on a connection that never said hello.
   */
  public static WireClient connect(String host, int port, Duration timeout) throws IOException {
    return connect(SocketFactory.getDefault(), host, port, timeout);
  }

  /** As {@link #connect(String, int, Duration)}, with a factory for TLS sockets. */
  public static WireClient connect(SocketFactory sockets, String host, int port, Duration timeout)
      throws IOException {
    Socket socket = sockets.createSocket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
      return new WireClient(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Connects to {@code host:port}. */
  public static WireClient connect(String address, Duration timeout) throws IOException {
    int colon = address.lastIndexOf(':');
    return connect(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)), timeout);
  }

  /**
   * Sends a command and returns whatever the server replies, {@code ok: 0} included.
   *
   * @param timeout for the reply; zero waits for ever
   */
  public synchronized BsonDocument send(String db, BsonDocument command, Duration timeout)
      throws IOException {
    BsonDocument body = new BsonDocument();
    body.putAll(command);
    body.put("$db", new BsonString(db));
    int requestId = ++lastRequestId;
    try {
      socket.setSoTimeout((int) timeout.toMillis());
      byte[] message = new WireMessage(requestId, 0, false, false, body).encode();
      socket.getOutputStream().write(message);
      WireMessage reply = WireMessage.read(in);
      if (reply == null) {
        throw new EOFException("server closed the connection");
      }
      if (reply.responseTo() != requestId) {
        throw new IOException("reply to " + reply.responseTo() + ", expected " + requestId);
      }
      return reply.body();
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /**
   * Sends a command that has to succeed.
   *
   * @throws CommandException if the server replies {@code ok: 0}
   */
  public BsonDocument run(String db, BsonDocument command, Duration timeout) throws IOException {
    BsonDocument reply = send(db, command, timeout);
    if (!reply.containsKey("ok") || reply.getNumber("ok").intValue() != 1) {
      throw CommandException.of(reply);
    }
    return reply;
  }

  public boolean isClosed() {
    return socket.isClosed();
  }

  /** Drops the connection; a command under way in another thread fails. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // The descriptor is released all the same.
    }
  }
}
