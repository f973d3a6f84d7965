package io.stillpoint.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells which processes of this host listen at a port; see proc(5), {@code /proc/net/tcp}. */
final class Listeners {

  private static final String LISTEN = "0A";
  private static final int LOCAL_ADDRESS = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private Listeners() {}

  /** As far as this user may see them; not those within another network namespace. */
  static List<ProcessHandle> at(int port) {
    Set<String> sockets =
        Stream.of("/proc/net/tcp", "/proc/net/tcp6")
            .flatMap(table -> lines(Path.of(table)).stream())
            .map(line -> line.strip().split("\\s+"))
            .filter(fields -> fields.length > INODE && fields[STATE].equals(LISTEN))
            .filter(fields -> fields[LOCAL_ADDRESS].endsWith(":%04X".formatted(port)))
            .map(fields -> "socket:[" + fields[INODE] + "]")
            .collect(Collectors.toSet());
    return sockets.isEmpty()
        ? List.of()
        : ProcessHandle.allProcesses().filter(p -> holdsOne(p, sockets)).toList();
  }

  private static boolean holdsOne(ProcessHandle process, Set<String> sockets) {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return open.anyMatch(link -> sockets.contains(target(link)));
    } catch (IOException e) {
      // Another user's process, or one that has just ended.
      return false;
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      // Closed meanwhile.
      return "";
    }
  }

  private static List<String> lines(Path table) {
    try {
      return Files.readAllLines(table);
    } catch (IOException e) {
      // No /proc on this system: a process is known by its words only.
      return List.of();
    }
  }
}
