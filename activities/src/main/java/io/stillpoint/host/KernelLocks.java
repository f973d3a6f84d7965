package io.stillpoint.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Who holds a lock on a file, by {@code flock} or {@code fcntl}, as Linux's {@code /proc/locks}
 * says it. Taking the lock to find out would make a server that starts at this moment fail.
 */
final class KernelLocks {

  private static final Path TABLE = Path.of("/proc/locks");

  /** Number, kind, mode, access, process, device:inode, ... */
  private static final int PROCESS = 4;

  private static final int FILE = 5;

  private KernelLocks() {}

  /**
   * Numbers of the processes that hold a lock on the file; none where there is no such table, or
   * this user may not read it. Processes of other PID namespaces are not in it.
   */
  static List<Long> holders(Path file) {
    if (!Files.isReadable(TABLE)) {
      return List.of();
    }
    try {
      Map<String, Object> attributes = Files.readAttributes(file, "unix:dev,ino");
      String wanted = name((Long) attributes.get("dev"), (Long) attributes.get("ino"));
      return Files.readAllLines(TABLE).stream()
          .map(line -> line.replace("-> ", "").split("\\s+"))
          .filter(words -> words.length > FILE && words[FILE].equals(wanted))
          .map(words -> Long.parseLong(words[PROCESS]))
          .filter(pid -> pid > 0)
          .toList();
    } catch (NoSuchFileException e) {
      // Nobody has locked what is not there.
      return List.of();
    } catch (IOException e) {
      throw RestoreArea.unusable(file, e);
    }
  }

  /** As {@code makedev(3)} packs the number of a device. */
  private static String name(long device, long inode) {
    long major = (device >> 8) & 0xfff | (device >> 32) & ~0xfffL;
    long minor = device & 0xff | (device >> 12) & ~0xffL;
    return "%02x:%02x:%d".formatted(major, minor & 0xffffffffL, inode);
  }
}
