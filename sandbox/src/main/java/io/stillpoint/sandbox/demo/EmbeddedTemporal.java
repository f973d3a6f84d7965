package io.stillpoint.sandbox.demo;

import io.temporal.testserver.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Temporal's own in-memory test server in this process: everything that a backup and a restore
 * need, gone when the process ends.
 */
final class EmbeddedTemporal implements AutoCloseable {

  private final int port;
  private final TestServer.PortBoundTestServer server;

  EmbeddedTemporal() {
    port = freePort();
    server = TestServer.createPortBoundServer(port);
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException("no free port on the loopback interface", e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
