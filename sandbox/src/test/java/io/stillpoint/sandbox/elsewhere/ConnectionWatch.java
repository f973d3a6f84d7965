package io.stillpoint.sandbox.elsewhere;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks again and again which TCP connections the processes of one cluster have to the ports of
 * another one. Reads Linux' /proc; elsewhere it sees nothing, and says so.
 */
final class ConnectionWatch implements AutoCloseable {
  private static final Path PROC = Path.of("/proc");
  private static final long PAUSE_MILLIS = 30;

  private final String directory;
  private final Set<Integer> ports;
  private final Set<String> seen = new TreeSet<>();
  private final Thread thread = new Thread(this::watch, "connection-watch");
  private volatile boolean ended;
  private volatile int looks;
  private volatile int sockets;

  /**
   * @param directory that the command lines of the watched processes name
   * @param addresses host:port that nobody may connect to
   */
  ConnectionWatch(Path directory, List<String> addresses) {
    this.directory = directory.toString();
    this.ports =
        addresses.stream()
            .map(a -> Integer.parseInt(a.substring(a.lastIndexOf(':') + 1)))
            .collect(Collectors.toSet());
    thread.setDaemon(true);
    thread.start();
  }

  /** Connections to the forbidden ports, as "command line: port". */
  Set<String> seen() {
    synchronized (seen) {
      return Set.copyOf(seen);
    }
  }

  /** Whether it really looked at connections of the watched processes. */
  boolean hasSeenAnything() {
    return looks > 0 && sockets > 0;
  }

  static boolean isPossible() {
    return Files.isReadable(PROC.resolve("net/tcp"));
  }

  private void watch() {
    while (!ended) {
      try {
        look();
        looks++;
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      } catch (IOException e) {
        // Processes end while they are looked at; the next look is soon.
        continue;
      }
    }
  }

  private void look() throws IOException {
    Map<String, Integer> remotePorts = new HashMap<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      if (Files.isReadable(PROC.resolve(table))) {
        for (String line : Files.readAllLines(PROC.resolve(table))) {
          String[] fields = line.strip().split("\\s+");
          if (fields.length > 9 && fields[2].contains(":")) {
            int port = Integer.parseInt(fields[2].substring(fields[2].lastIndexOf(':') + 1), 16);
            remotePorts.put(fields[9], port);
          }
        }
      }
    }
    try (Stream<Path> processes = Files.list(PROC)) {
      for (Path process : processes.filter(ConnectionWatch::isNumber).toList()) {
        String command = commandLine(process);
        if (command.contains(directory)) {
          for (String inode : sockets(process)) {
            Integer port = remotePorts.get(inode);
            sockets += port == null ? 0 : 1;
            if (port != null && ports.contains(port)) {
              synchronized (seen) {
                seen.add(command + ": " + port);
              }
            }
          }
        }
      }
    }
  }

  private static boolean isNumber(Path path) {
    return path.getFileName().toString().chars().allMatch(Character::isDigit);
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline")).replace('\0', ' ');
    } catch (IOException e) {
      return "";
    }
  }

  private static Set<String> sockets(Path process) {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
      for (Path descriptor : descriptors.toList()) {
        String target = Files.readSymbolicLink(descriptor).toString();
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    } catch (IOException e) {
      // The process has ended, or a descriptor was closed meanwhile: what was read counts.
      return inodes;
    }
    return inodes;
  }

  @Override
  public void close() {
    ended = true;
    thread.interrupt();
  }
}
