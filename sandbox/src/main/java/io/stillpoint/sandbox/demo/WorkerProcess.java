package io.stillpoint.sandbox.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One Stillpoint worker as a process of its own. */
public final class WorkerProcess {

  private final String name;
  private final Path log;
  private final Process process;

  private WorkerProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /** Starts a worker on the configuration; its output goes to a file beside it. */
  public static WorkerProcess start(
      String name, Path configuration, String temporal, Map<String, String> environment) {
    return start(name, configuration, temporal, environment, System.getProperty("java.class.path"));
  }

  /**
   * As {@link #start(String, Path, String, Map)}.
   *
   * @param classPath of the build that is to run
   */
  public static WorkerProcess start(
      String name,
      Path configuration,
      String temporal,
      Map<String, String> environment,
      String classPath) {
    Path log = configuration.resolveSibling(name + ".log");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx256m",
            "-cp",
            classPath,
            "io.stillpoint.worker.WorkerApplication",
            "--config",
            configuration.toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    builder.environment().put("TEMPORAL_ADDRESS", temporal);
    builder.environment().putAll(environment);
    try {
      return new WorkerProcess(name, log, builder.start());
    } catch (IOException e) {
      throw new IllegalStateException("cannot start worker " + name, e);
    }
  }

  public String name() {
    return name;
  }

  Path log() {
    return log;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** kill -9: nothing can be tidied up, as when a machine dies. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  public void stop() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  /** The end of the log, for a failure's message. */
  public String endOfLog() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }
}
