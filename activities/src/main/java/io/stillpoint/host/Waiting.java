package io.stillpoint.host;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Bounded waits. */
final class Waiting {

  private static final long POLL_MILLIS = 20;
  private static final int CONNECT_MILLIS = 1000;

  private Waiting() {}

  /**
   * @param beat called before each look; may throw to give up
   * @return whether the condition became true in time
   */
  static boolean until(Duration patience, Runnable beat, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      beat.run();
      if (condition.getAsBoolean()) {
        return true;
      }
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting on the host", e);
      }
    }
  }

  /** Whether something accepts connections at host:port. */
  static boolean isListening(String address) {
    int colon = address.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
          CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
