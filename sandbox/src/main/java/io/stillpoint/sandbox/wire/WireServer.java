package io.stillpoint.sandbox.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import org.bson.BsonDocument;
import org.bson.BsonSerializationException;

/** Serves a {@link CommandHandler} on a TCP port, one thread per connection. */
public final class WireServer implements AutoCloseable {
  private static final int BACKLOG = 256;

  private final CommandHandler handler;
  private final ServerSocket listener;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger replyIds = new AtomicInteger();
  private volatile boolean closed;

  private WireServer(CommandHandler handler, ServerSocket listener) {
    this.handler = handler;
    this.listener = listener;
  }

  /**
   * Listens and accepts at once.
   *
   * @param port 0 picks a free one, see {@link #port()}
   * @throws java.net.BindException if the port is taken
   */
  public static WireServer start(InetAddress bindAddress, int port, CommandHandler handler)
      throws IOException {
    return start(ServerSocketFactory.getDefault(), bindAddress, port, handler);
  }

  /** As {@link #start(InetAddress, int, CommandHandler)}, with a factory for TLS sockets. */
  public static WireServer start(
      ServerSocketFactory sockets, InetAddress bindAddress, int port, CommandHandler handler)
      throws IOException {
    ServerSocket listener = sockets.createServerSocket();
    try {
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(bindAddress, port), BACKLOG);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    WireServer server = new WireServer(handler, listener);
    new Thread(server::accept, "listener").start();
    return server;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** How many clients are connected. */
  public int openConnections() {
    return connections.size();
  }

  /** Drops every client but keeps listening, as a real server does when it loses its state. */
  public void dropConnections() {
    connections.forEach(Connection::close);
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      // A listener that cannot be closed is not listening either.
    }
    dropConnections();
  }

  private void accept() {
    for (long id = 1; !closed; id++) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        Connection connection = new Connection(id, socket);
        connections.add(connection);
        Thread thread = new Thread(() -> serve(connection), "conn" + id);
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        if (!closed) {
          e.printStackTrace();
        }
      }
    }
    dropConnections();
  }

  private void serve(Connection connection) {
    try {
      for (WireMessage request = connection.read();
          request != null && !closed;
          request = connection.read()) {
        BsonDocument reply = reply(connection, request);
        if (!request.moreToCome()) {
          int id = replyIds.incrementAndGet();
          connection.write(
              new WireMessage(id, request.requestId(), request.query(), false, reply).encode());
        }
      }
    } catch (IOException | BsonSerializationException e) {
      // A client that hangs up or sends garbage loses its connection, as with a real server.
    } finally {
      connections.remove(connection);
      connection.close();
      handler.closed(connection);
    }
  }

  private BsonDocument reply(Connection connection, WireMessage request) {
    BsonDocument command = request.body();
    try {
      if (!command.isString("$db")) {
        throw new CommandException(
            40571, "Location40571", "OP_MSG requests require a $db argument");
      }
      String db = command.remove("$db").asString().getValue();
      return handler.handle(connection, db, command);
    } catch (CommandException e) {
      return e.toReply();
    } catch (RuntimeException e) {
      e.printStackTrace();
      return new CommandException(1, "InternalError", e.toString()).toReply();
    }
  }
}
