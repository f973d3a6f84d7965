package io.stillpoint.sandbox.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Passes TCP on to an address, and can be cut: open connections end and new ones come to none. */
final class CutCord implements AutoCloseable {

  private static final String HOST = "127.0.0.1";

  private final InetSocketAddress target;
  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  CutCord(String target) {
    this(target, HOST, 0);
  }

  /**
   * To a server of this machine that everybody knows under another address of it, with the server's
   * own port.
   */
  static CutCord at(String address) {
    int colon = address.lastIndexOf(':');
    String port = address.substring(colon + 1);
    return new CutCord(HOST + ":" + port, address.substring(0, colon), Integer.parseInt(port));
  }

  private CutCord(String target, String host, int port) {
    int colon = target.lastIndexOf(':');
    this.target =
        new InetSocketAddress(
            target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
    try {
      server = new ServerSocket(port, 50, InetAddress.getByName(host));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  String address() {
    return HOST + ":" + server.getLocalPort();
  }

  void cut() {
    cut = true;
    open.forEach(CutCord::end);
  }

  void mend() {
    cut = false;
  }

  private void accept() {
    try {
      while (true) {
        Socket near = server.accept();
        if (cut) {
          end(near);
        } else {
          connect(near);
        }
      }
    } catch (IOException e) {
      open.forEach(CutCord::end);
    }
  }

  private void connect(Socket near) {
    Socket far = new Socket();
    try {
      far.connect(target, 2000);
      open.add(near);
      open.add(far);
      if (cut) {
        throw new IOException("cut meanwhile");
      }
      daemon(() -> pass(near, far));
      daemon(() -> pass(far, near));
    } catch (IOException e) {
      end(near);
      end(far);
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1024];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      int read = in.read(buffer);
      while (read >= 0) {
        out.write(buffer, 0, read);
        out.flush();
        read = in.read(buffer);
      }
    } catch (IOException e) {
      // Cut, or ended by one of the two sides; either way the pair is over.
    } finally {
      end(from);
      end(to);
      open.remove(from);
      open.remove(to);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "cord");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
