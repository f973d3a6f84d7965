package io.stillpoint.host;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/**
 * A standalone server on the loopback interface that works on restored data for a moment. It is
 * recognised by the path of its log, which names the restore, so that a leftover of a killed agent
 * is found and ended, and never anything else.
 */
final class TemporaryMongod {

  private static final Duration START = Duration.ofHours(2);
  private static final Duration STOP = Duration.ofMinutes(30);
  private static final Duration LEFTOVER = Duration.ofMinutes(1);
  private static final Duration SILENT = Duration.ofSeconds(5);

  /** What mongod exits with when its port is taken. */
  private static final int EXIT_NET_ERROR = 48;

  private static final int PORTS_TO_TRY = 5;

  private final NodeSettings settings;
  private final MongodOptions options;
  private final Path directory;
  private final Path logPath;
  private Process process;
  private String address = "";

  /**
   * @param directory of the restore, for log and configuration
   */
  TemporaryMongod(NodeSettings settings, Path directory) {
    this.settings = settings;
    this.options = MongodOptions.of(settings);
    this.directory = directory;
    this.logPath = directory.resolve("recover.log");
  }

  String address() {
    return address;
  }

  MongodLog log() {
    return new MongodLog(logPath);
  }

  /** Ends what an earlier run of the same restore left behind. */
  void endLeftover(Runnable beat) {
    for (ProcessHandle leftover : HostProcesses.withOption("--logpath", logPath.toString())) {
      leftover.destroy();
      if (!Waiting.until(LEFTOVER, beat, () -> !leftover.isAlive())) {
        leftover.destroyForcibly();
        Waiting.until(LEFTOVER, beat, () -> !leftover.isAlive());
      }
    }
  }

  /**
   * Starts it and waits until it answers; recovery may have a long journal to read before.
   *
   * @param parameters server parameters, name=value, beside those of every temporary start
   * @throws StillpointException MONGOD_NOT_STARTED with the end of its log
   */
  void start(List<String> parameters, Runnable beat) {
    for (int i = 1; ; i++) {
      launch(parameters);
      boolean listening =
          Waiting.until(START, beat, () -> !process.isAlive() || Waiting.isListening(address));
      if (listening && process.isAlive()) {
        return;
      }
      if (process.isAlive()) {
        end(beat);
        throw notStarted("does not answer after " + START.toMinutes() + " minutes");
      }
      if (process.exitValue() != EXIT_NET_ERROR || i == PORTS_TO_TRY) {
        throw notStarted("ended with exit code " + process.exitValue());
      }
    }
  }

  /**
   * Waits until it has ended after it was asked to.
   *
   * @throws StillpointException MONGOD_NOT_STOPPED if it does not end, or not cleanly
   */
  void awaitCleanEnd(Runnable beat) {
    if (!Waiting.until(STOP, beat, () -> !process.isAlive())) {
      throw notStopped("still runs %d minutes after shutdown".formatted(STOP.toMinutes()));
    }
    if (process.exitValue() != 0) {
      throw notStopped("ended with exit code " + process.exitValue());
    }
  }

  /** Ends it whatever it does; for the way out of a failure. */
  void end(Runnable beat) {
    if (process == null || !process.isAlive()) {
      return;
    }
    process.destroy();
    if (!Waiting.until(LEFTOVER, beat, () -> !process.isAlive())) {
      process.destroyForcibly();
    }
  }

  /**
   * Why it stopped answering: damaged data ends a server at its first use, and would do so again.
   */
  StillpointException explain(StillpointException failure) {
    boolean silent =
        failure.code() == ErrorCode.MONGO_UNREACHABLE
            || failure.code() == ErrorCode.MONGO_COMMAND_FAILED;
    if (!silent || !Waiting.until(SILENT, () -> {}, () -> !process.isAlive())) {
      return failure;
    }
    StillpointException ended =
        notStarted("ended with exit code %d while it was used".formatted(process.exitValue()));
    ended.addSuppressed(failure);
    return ended;
  }

  private void launch(List<String> parameters) {
    int port = freePort();
    address = "127.0.0.1:" + port;
    try {
      Files.deleteIfExists(logPath);
      process = HostCommand.launch(command(port, parameters), directory.resolve("recover.out"));
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.MONGOD_NOT_STARTED,
          "%s cannot be run: %s".formatted(settings.mongod(), e.getMessage()),
          "correct mongod in the node agent's configuration",
          e);
    }
  }

  private List<String> command(int port, List<String> parameters) throws IOException {
    List<String> command = new ArrayList<>(List.of(settings.mongod().toString()));
    command.addAll(options.standaloneArguments().words());
    Map<String, Object> config = options.standaloneConfig();
    if (!config.isEmpty()) {
      Path file = directory.resolve("recover.conf");
      DurableFiles.replace(file, new Yaml().dump(config).getBytes(StandardCharsets.UTF_8));
      command.addAll(List.of("--config", file.toString()));
    }
    command.addAll(List.of("--dbpath", settings.dataPath().toString()));
    command.addAll(List.of("--bind_ip", "127.0.0.1", "--port", Integer.toString(port)));
    command.addAll(List.of("--nounixsocket", "--logpath", logPath.toString()));
    // Nothing may be written into the data but the recovery's own edits.
    command.addAll(List.of("--setParameter", "disableLogicalSessionCacheRefresh=true"));
    command.addAll(List.of("--setParameter", "ttlMonitorEnabled=false"));
    parameters.forEach(parameter -> command.addAll(List.of("--setParameter", parameter)));
    return command;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.MONGOD_NOT_STARTED,
          "no free port on the loopback interface: " + e.getMessage(),
          "free ports on this host, then resume",
          e);
    }
  }

  private StillpointException notStarted(String why) {
    return log()
        .notStarted(
            "temporary mongod on the restored data of %s %s".formatted(settings.address(), why),
            "look at %s and %s".formatted(logPath, directory.resolve("recover.out")));
  }

  private StillpointException notStopped(String why) {
    return new StillpointException(
        ErrorCode.MONGOD_NOT_STOPPED,
        "temporary mongod on the restored data of %s %s; its log says: %s"
            .formatted(settings.address(), why, log().lastWords()),
        "look at " + logPath);
  }
}
