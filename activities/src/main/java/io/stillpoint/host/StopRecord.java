package io.stillpoint.host;

import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Which processes of one server were told to stop. Written before they are told, so that nobody
 * takes one that shuts down, for a minute perhaps and answering meanwhile, for a server that runs,
 * even if the operation that told it is dead. Needs no clean-up: a process is named by what no
 * other process of this host can have.
 */
final class StopRecord {

  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  /** Of proc(5), field 22 is the start in ticks since the boot; the second one ends with ')'. */
  private static final int START_AFTER_NAME = 19;

  private final Path file;

  StopRecord(Path file) {
    this.file = file;
  }

  /**
   * May be repeated. Replaces what was recorded: pass every process that works on the data. On a
   * full disk nothing is recorded, for there as well an undo must be able to stop its server.
   */
  void write(List<ProcessHandle> processes) {
    List<String> names = processes.stream().map(StopRecord::name).toList();
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      DurableFiles.replace(file, String.join("\n", names).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      if (!DurableFiles.isDiskFull(e)) {
        throw RestoreArea.unusable(file, e);
      }
    }
  }

  /** Whether the process was told to stop, or was about to be. */
  boolean names(ProcessHandle process) {
    try {
      return Files.readAllLines(file).contains(name(process));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw RestoreArea.unusable(file, e);
    }
  }

  private static String name(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return "%d %s %s"
          .formatted(process.pid(), afterName[START_AFTER_NAME], Files.readString(BOOT).strip());
    } catch (IOException e) {
      // Not Linux, or it has ended.
      return "%d %s".formatted(process.pid(), process.info().startInstant());
    }
  }
}
