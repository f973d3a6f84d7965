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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** A member's ordinary server process. */
final class MongodProcess {

  /**
   * How long starting and stopping may take.
   *
   * @param start until the process is there
   * @param open until its storage is open, which with 20,000 collections took a minute (measured on
   *     4.4.6-8)
   * @param answer until one that was found running answers or ends: it may be shutting down
   */
  record Patience(Duration start, Duration open, Duration settle, Duration answer, Duration stop) {
    static final Patience DEFAULT =
        new Patience(
            Duration.ofMinutes(2),
            Duration.ofHours(2),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            Duration.ofMinutes(10));
  }

  /** Looking through all processes costs more than looking at mongod.lock. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private final NodeSettings settings;
  private final MongodOptions options;
  private final Path output;
  private final StopRecord stops;
  private final Patience patience;

  /**
   * @param output where what the process prints is kept; whether it was told to stop, beside it
   */
  MongodProcess(NodeSettings settings, Path output, Patience patience) {
    this.settings = settings;
    this.options = MongodOptions.of(settings);
    this.output = output;
    this.stops = new StopRecord(output.resolveSibling("mongod.stopping"));
    this.patience = patience;
  }

  /** The process that works on the data path now, or opens it, whoever started it. */
  Optional<ProcessHandle> running() {
    return working().stream().findFirst();
  }

  /** Whether a process works on the data path that nobody has told to stop. */
  boolean isServing() {
    return working().stream().anyMatch(p -> !stops.names(p));
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
   * call may have been given up in the middle. One that was told to stop does not run, whatever it
   * answers: another is started once it is gone.
   *
   * @throws StillpointException MONGOD_NOT_STARTED with the end of its log; MONGOD_NOT_STOPPED
   */
  void start(Runnable beat) {
    if (working().stream().anyMatch(stops::names)) {
      // Told once more: whoever recorded it may have died before it was told.
      awaitGone(tellToStop(beat), beat);
    }
    long logged = logged();
    if (running().isPresent() && staysUp(logged, beat)) {
      return;
    }
    Optional<Process> launched = Optional.empty();
    if (settings.startCommand().isEmpty()) {
      launched = Optional.of(launch());
    } else {
      HostCommand.run(settings.startCommand(), ErrorCode.MONGOD_NOT_STARTED, beat);
    }
    awaitOpened(launched, beat);
    Waiting.until(
        patience.settle(),
        beat,
        () -> {
          if (running().isEmpty()) {
            throw notStarted("ended soon after its start");
          }
          return answers(logged);
        });
  }

  private boolean answers(long logged) {
    return Waiting.isListening(settings.address()) || waitsForConfigServer(logged);
  }

  /**
   * Waits for a server that was found running: it may still start, or be shutting down on somebody
   * else's order, and has mostly stopped to answer then.
   *
   * @return false if it has ended
   */
  private boolean staysUp(long logged, Runnable beat) {
    AtomicReference<Optional<ProcessHandle>> found = new AtomicReference<>(running());
    BooleanSupplier gone =
        () -> {
          // A forking server's first process ends when the second is there.
          if (!found.get().map(ProcessHandle::isAlive).orElse(false)) {
            found.set(running());
          }
          return found.get().isEmpty();
        };
    if (!Waiting.until(patience.open(), beat, () -> hasOpened() || gone.getAsBoolean())) {
      throw notStarted("still opens its storage after " + patience.open().toSeconds() + " s");
    }
    Waiting.until(patience.answer(), beat, () -> answers(logged) || gone.getAsBoolean());
    return !gone.getAsBoolean();
  }

  /** A server may open its storage for long, but may not be gone for long. */
  private void awaitOpened(Optional<Process> child, Runnable beat) {
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
    awaitStopped(tellToStop(beat), beat);
  }

  /** Tells every process on the data path to stop, on record, and returns them. */
  List<ProcessHandle> tellToStop(Runnable beat) {
    List<ProcessHandle> processes = working();
    if (processes.isEmpty()) {
      return processes;
    }
    stops.write(processes);
    if (settings.stopCommand().isEmpty()) {
      processes.forEach(ProcessHandle::destroy);
    } else {
      HostCommand.run(settings.stopCommand(), ErrorCode.MONGOD_NOT_STOPPED, beat);
    }
    return processes;
  }

  /**
   * Waits until the processes that were told have ended.
   *
   * @throws StillpointException MONGOD_NOT_STOPPED, also if another took their place
   */
  void awaitStopped(List<ProcessHandle> told, Runnable beat) {
    if (told.isEmpty()) {
      return;
    }
    awaitGone(told, beat);
    running()
        .ifPresent(
            other -> {
              throw notStopped(
                  "process %s of %s was stopped, but process %d runs already"
                      .formatted(pids(told), settings.address(), other.pid()),
                  "a supervisor starts it again: set start-command and stop-command of the member,"
                      + " for example systemctl");
            });
  }

  private void awaitGone(List<ProcessHandle> told, Runnable beat) {
    if (!Waiting.until(
        patience.stop(), beat, () -> told.stream().noneMatch(ProcessHandle::isAlive))) {
      throw notStopped(
          "process %s of %s still runs after %d s"
              .formatted(pids(told), settings.address(), patience.stop().toSeconds()),
          "look at its log; stop it by hand, then resume");
    }
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
    return log()
        .notStarted(
            "mongod of %s %s".formatted(settings.address(), why),
            "look at %s and %s".formatted(log().file(), output));
  }

  private static StillpointException notStopped(String message, String hint) {
    return new StillpointException(ErrorCode.MONGOD_NOT_STOPPED, message, hint);
  }
}
