package io.stillpoint.host;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** A member's ordinary server process. */
final class MongodProcess {

  /**
   * How long starting and stopping may take.
   *
   * @param start until the process is there
   * @param open until its storage is open, which with 20,000 collections took a minute (measured on
   *     4.4.6-8)
   */
  record Patience(Duration start, Duration open, Duration settle, Duration stop) {
    static final Patience DEFAULT =
        new Patience(
            Duration.ofMinutes(2),
            Duration.ofHours(2),
            Duration.ofSeconds(5),
            Duration.ofMinutes(10));
  }

  /** Looking through all processes costs more than looking at mongod.lock. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private final NodeSettings settings;
  private final MongodOptions options;
  private final Path output;
  private final Patience patience;

  /**
   * @param output where what the process prints is kept
   */
  MongodProcess(NodeSettings settings, Path output, Patience patience) {
    this.settings = settings;
    this.options = MongodOptions.of(settings);
    this.output = output;
    this.patience = patience;
  }

  /** The process that works on the data path now, or opens it, whoever started it. */
  Optional<ProcessHandle> running() {
    return working().stream().findFirst();
  }

  private List<ProcessHandle> working() {
    return HostProcesses.workingOn(settings.dataPath(), options.configFile());
  }

  private boolean hasOpened() {
    return HostProcesses.holder(settings.dataPath(), options.configFile()).isPresent();
  }

  /**
   * @throws StillpointException AGENT_REFUSED if a server works, or may work, on the data path
   */
  void requireStopped() {
    running()
        .ifPresent(
            process -> {
              throw stillRunning("process %d works on it".formatted(process.pid()));
            });
    // A lock file that is not empty is left by a crash, or held where this agent cannot look.
    if (!HostProcesses.isLockFileEmpty(settings.dataPath())
        && Waiting.isListening(settings.address())) {
      throw stillRunning("mongod.lock is not empty and %s answers".formatted(settings.address()));
    }
  }

  /** Where the server's log is: the configured one, or what the agent keeps of its output. */
  MongodLog log() {
    return new MongodLog(options.logPath().orElse(output));
  }

  /**
   * Returns once the process runs: it answers, or waits for its config server, or has lived for a
   * few seconds with its storage open. Starts none if one runs already, or is about to: an earlier
   * call may have been given up in the middle.
   *
   * @throws StillpointException MONGOD_NOT_STARTED with the end of its log
   */
  void start(Runnable beat) {
    if (hasOpened()) {
      return;
    }
    long logged = logged();
    boolean starting = running().isPresent();
    Optional<Process> launched = Optional.empty();
    if (starting) {
      // Nothing to start; what follows waits for it.
    } else if (settings.startCommand().isEmpty()) {
      launched = Optional.of(launch());
    } else {
      HostCommand.run(settings.startCommand(), ErrorCode.MONGOD_NOT_STARTED, beat);
    }
    awaitOpened(launched, starting, beat);
    Waiting.until(
        patience.settle(),
        beat,
        () -> {
          if (running().isEmpty()) {
            throw notStarted("ended soon after its start");
          }
          return Waiting.isListening(settings.address()) || waitsForConfigServer(logged);
        });
  }

  /** A server may open its storage for long, but may not be gone for long. */
  private void awaitOpened(Optional<Process> child, boolean starting, Runnable beat) {
    AtomicLong seen = new AtomicLong(System.nanoTime());
    AtomicLong looked = new AtomicLong(seen.get());
    boolean opened =
        Waiting.until(
            patience.open(),
            beat,
            () -> {
              // A forking server's first process ends well before the second is seen.
              if (child.isPresent() && !child.get().isAlive() && child.get().exitValue() != 0) {
                throw notStarted("ended with exit code " + child.get().exitValue());
              }
              long now = System.nanoTime();
              if (now - looked.get() > LOOK_EVERY.toNanos()) {
                looked.set(now);
                if (running().isPresent()) {
                  seen.set(now);
                } else if (starting) {
                  throw notStarted("ended soon after an earlier start");
                }
              }
              if (now - seen.get() > patience.start().toNanos()) {
                throw notStarted(
                    "does not hold its data path after " + patience.start().toSeconds() + " s");
              }
              return hasOpened();
            });
    if (!opened) {
      throw notStarted("still opens its storage after " + patience.open().toSeconds() + " s");
    }
  }

  /**
   * Ends the process as its service would, and waits until it is gone. Never kills it: a server
   * that needs long has something to write.
   *
   * @throws StillpointException MONGOD_NOT_STOPPED
   */
  void stop(Runnable beat) {
    List<ProcessHandle> processes = working();
    if (processes.isEmpty()) {
      return;
    }
    if (settings.stopCommand().isEmpty()) {
      processes.forEach(ProcessHandle::destroy);
    } else {
      HostCommand.run(settings.stopCommand(), ErrorCode.MONGOD_NOT_STOPPED, beat);
    }
    if (!Waiting.until(
        patience.stop(), beat, () -> processes.stream().noneMatch(ProcessHandle::isAlive))) {
      throw notStopped(
          "process %s of %s still runs after %d s"
              .formatted(pids(processes), settings.address(), patience.stop().toSeconds()),
          "look at its log; stop it by hand, then resume");
    }
    running()
        .ifPresent(
            other -> {
              throw notStopped(
                  "process %s of %s was stopped, but process %d runs already"
                      .formatted(pids(processes), settings.address(), other.pid()),
                  "a supervisor starts it again: set start-command and stop-command of the member,"
                      + " for example systemctl");
            });
  }

  private static String pids(List<ProcessHandle> processes) {
    return processes.stream().map(p -> Long.toString(p.pid())).collect(Collectors.joining(", "));
  }

  private Process launch() {
    List<String> command = new ArrayList<>(List.of(settings.mongod().toString()));
    settings.configFile().ifPresent(file -> command.addAll(List.of("--config", file.toString())));
    command.addAll(settings.arguments());
    try {
      Files.createDirectories(output.getParent());
      return HostCommand.launch(command, output);
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.MONGOD_NOT_STARTED,
          "%s cannot be run: %s".formatted(settings.mongod(), e.getMessage()),
          "correct mongod in the node agent's configuration",
          e);
    }
  }

  private boolean waitsForConfigServer(long logged) {
    try {
      return log().saysBeyond(logged, MongodLog.WAITING_FOR_CONFIG_SERVER);
    } catch (IOException e) {
      throw unreadableLog(e);
    }
  }

  private long logged() {
    try {
      return log().length();
    } catch (IOException e) {
      throw unreadableLog(e);
    }
  }

  private StillpointException unreadableLog(IOException e) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        "log %s of %s cannot be read: %s".formatted(log().file(), settings.address(), e),
        "let the node agent's user read it, or set log-path in its configuration",
        e);
  }

  private StillpointException stillRunning(String why) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        "data path %s of %s is in use: %s".formatted(settings.dataPath(), settings.address(), why),
        "stop that server, then resume");
  }

  private StillpointException notStarted(String why) {
    return new StillpointException(
        ErrorCode.MONGOD_NOT_STARTED,
        "mongod of %s %s; its log says: %s".formatted(settings.address(), why, log().lastWords()),
        "look at %s and %s".formatted(log().file(), output));
  }

  private static StillpointException notStopped(String message, String hint) {
    return new StillpointException(ErrorCode.MONGOD_NOT_STOPPED, message, hint);
  }
}
