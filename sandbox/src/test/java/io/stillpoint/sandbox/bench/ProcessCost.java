package io.stillpoint.sandbox.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What a process takes of the machine, as Linux tells. */
public final class ProcessCost {

  private ProcessCost() {}

  /** The most that the process ever had resident. */
  public static double peakResidentMib(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
        .filter(l -> l.startsWith("VmHWM:"))
        .mapToDouble(l -> Double.parseDouble(l.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow(() -> new IOException("this system does not tell the peak of the memory"));
  }

  /** The time that it ran on any core until now. */
  static Duration cpu(long pid) throws IOException {
    return ProcessHandle.of(pid)
        .flatMap(p -> p.info().totalCpuDuration())
        .orElseThrow(() -> new IOException("nothing is known of process " + pid));
  }
}
