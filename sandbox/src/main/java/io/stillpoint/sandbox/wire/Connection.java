package io.stillpoint.sandbox.wire;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/** One client's connection to a {@link WireServer}. */
public final class Connection {
  private final long id;
  private final Socket socket;
  private final BufferedInputStream in;
  private final OutputStream out;
  private volatile Object attachment;

  Connection(long id, Socket socket) throws IOException {
    this.id = id;
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
    this.out = socket.getOutputStream();
  }

  /** Counts from 1 for each server. */
  public long id() {
    return id;
  }

  public InetSocketAddress remote() {
    return (InetSocketAddress) socket.getRemoteSocketAddress();
  }

  /** Whom the client's TLS certificate names, as RFC 2253 writes it; empty if it showed none. */
  public Optional<String> certificateSubject() {
    if (!(socket instanceof SSLSocket tls)) {
      return Optional.empty();
    }
    try {
      return Optional.of(tls.getSession().getPeerPrincipal().getName());
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /** Whatever the handler keeps for this connection, such as who authenticated; may be null. */
  public Object attachment() {
    return attachment;
  }

  public void attach(Object newAttachment) {
    this.attachment = newAttachment;
  }

  /**
   * Whether the client has hung up. To be called only by the thread that runs a command of this
   * connection; a server uses it to end a long command whose client is gone.
   */
  public boolean clientIsGone() {
    if (socket.isClosed()) {
      return true;
    }
    try {
      socket.setSoTimeout(1);
      in.mark(1);
      int next = in.read();
      in.reset();
      return next < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    } finally {
      waitForEver();
    }
  }

  private void waitForEver() {
    try {
      socket.setSoTimeout(0);
    } catch (IOException e) {
      close();
    }
  }

  /** Drops the connection; safe from any thread, any number of times. */
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // The descriptor is released all the same, and there is nobody left to tell.
    }
  }

  WireMessage read() throws IOException {
    return WireMessage.read(in);
  }

  void write(byte[] message) throws IOException {
    out.write(message);
    out.flush();
  }
}
