package io.stillpoint.sandbox.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The one way to a member that its replica set's configuration names by another address of this
 * machine than the one it listens on. Nothing listens at that address while the member does not, so
 * that a dead member looks dead; nor while the cord is cut.
 */
final class MemberCord implements AutoCloseable {

  private static final long BETWEEN_LOOKS_MILLIS = 50;
  private static final String LISTENS = "0A";

  /** 127.0.0.1, also as the end of an address of version 6. */
  private static final String LOOPBACK = "0100007F";

  private final String address;
  private final String port;
  private final Thread tending = new Thread(this::tend, "member-cord");
  private volatile boolean cut;

  /**
   * @param address with the member's own port
   */
  MemberCord(String address) {
    this.address = address;
    this.port =
        "%04X"
            .formatted(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)))
            .toUpperCase(Locale.ROOT);
    tending.setDaemon(true);
    tending.start();
  }

  void cut() {
    cut = true;
  }

  void mend() {
    cut = false;
  }

  private void tend() {
    CutCord cord = null;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        boolean wanted = !cut && memberListens();
        if (wanted && cord == null) {
          cord = CutCord.at(address);
        } else if (!wanted && cord != null) {
          cord.cut();
          cord.close();
          cord = null;
        }
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (cord != null) {
        cord.cut();
        cord.close();
      }
    }
  }

  /** As Linux tells it, because a connection to find out would be one more on the server. */
  private boolean memberListens() {
    return Stream.of("tcp", "tcp6").anyMatch(this::memberListens);
  }

  private boolean memberListens(String family) {
    try (Stream<String> sockets = Files.lines(Path.of("/proc/net", family))) {
      return sockets
          .map(line -> line.strip().split("\\s+"))
          .anyMatch(f -> f[1].endsWith(LOOPBACK + ":" + port) && f[3].equals(LISTENS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    tending.interrupt();
  }
}
