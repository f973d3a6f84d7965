package io.stillpoint.sandbox.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What all cores did since the machine started, in the kernel's ticks.
 *
 * @param busy running anything
 * @param idle waiting, for a disk too
 */
record MachineLoad(long busy, long idle) {

  private static final int IDLE = 3;
  private static final int WAITING_FOR_DISK = 4;
  // What guests took is in the time of users already.
  private static final int FIRST_OF_GUESTS = 8;

  static MachineLoad now() throws IOException {
    return of(Files.readAllLines(Path.of("/proc/stat")).get(0));
  }

  /**
   * @param line of the form {@code cpu user nice system idle iowait irq softirq steal ...}
   */
  static MachineLoad of(String line) {
    long[] ticks =
        Arrays.stream(line.trim().split("\\s+"))
            .skip(1)
            .limit(FIRST_OF_GUESTS)
            .mapToLong(Long::parseLong)
            .toArray();
    long idle = ticks[IDLE] + ticks[WAITING_FOR_DISK];
    return new MachineLoad(Arrays.stream(ticks).sum() - idle, idle);
  }

  /** How much of all cores was busy since then. */
  double percentSince(MachineLoad before) {
    long more = busy - before.busy;
    return 100.0 * more / Math.max(1, more + idle - before.idle);
  }
}
