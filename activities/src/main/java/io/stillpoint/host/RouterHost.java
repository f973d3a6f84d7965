package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Stops and starts one mongos of this host. Both may be repeated. */
public final class RouterHost {

  private static final Duration STOP = Duration.ofMinutes(2);
  private static final Duration START = Duration.ofMinutes(2);

  private final RouterSettings settings;
  private final StopRecord stops;

  public RouterHost(RouterSettings settings) {
    this.settings = settings;
    Path output = settings.output();
    this.stops = new StopRecord(output.resolveSibling(output.getFileName() + ".stopping"));
  }

  /**
   * Says whether it runs; a mongos has no data.
   *
   * @throws StillpointException CONFIGURATION_INVALID if it runs, and could not be stopped
   */
  public NodeReport inspect() {
    requireStoppable();
    return new NodeReport(
        settings.address(),
        "",
        "",
        "",
        isRunning(),
        0,
        0,
        "",
        "{}",
        List.of(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private void requireStoppable() {
    if (settings.stopCommand().isEmpty()
        && process().isEmpty()
        && Waiting.isListening(settings.address())) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "the mongos %s answers, but no process that this agent may see listens at its port or was started with the words of its configuration"
              .formatted(settings.address()),
          "give it a stop-command in the node agent's configuration, or run the agent as its user");
    }
  }

  /**
   * @throws StillpointException MONGOD_NOT_STOPPED, or CONFIGURATION_INVALID at once if there is no
   *     way to tell it to stop
   */
  public void stop(Runnable beat) {
    requireStoppable();
    process().ifPresent(p -> stops.write(List.of(p)));
    if (!settings.stopCommand().isEmpty()) {
      HostCommand.run(settings.stopCommand(), ErrorCode.MONGOD_NOT_STOPPED, beat);
    } else {
      process().ifPresent(ProcessHandle::destroy);
    }
    if (!Waiting.until(STOP, beat, () -> !isRunning())) {
      throw new StillpointException(
          ErrorCode.MONGOD_NOT_STOPPED,
          "the mongos %s still answers after %d s".formatted(settings.address(), STOP.toSeconds()),
          "look at its log, or stop it by hand and start it again when the restore has ended; then restore again");
    }
  }

  /**
   * One that was told to stop is waited for; it does not run, whatever it answers.
   *
   * @throws StillpointException MONGOD_NOT_STARTED, MONGOD_NOT_STOPPED
   */
  public void start(Runnable beat) {
    if (process().filter(stops::names).isPresent()) {
      stop(beat);
    }
    if (isRunning()) {
      return;
    }
    if (!settings.startCommand().isEmpty()) {
      HostCommand.run(settings.startCommand(), ErrorCode.MONGOD_NOT_STARTED, beat);
    } else {
      launch();
    }
    if (!Waiting.until(START, beat, () -> Waiting.isListening(settings.address()))) {
      throw new StillpointException(
          ErrorCode.MONGOD_NOT_STARTED,
          "the mongos %s does not answer after %d s"
              .formatted(settings.address(), START.toSeconds()),
          "look at its log and at " + settings.output());
    }
  }

  private void launch() {
    List<String> command = new ArrayList<>(List.of(settings.mongos().toString()));
    command.addAll(words());
    try {
      Files.createDirectories(settings.output().getParent());
      HostCommand.launch(command, settings.output());
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.MONGOD_NOT_STARTED,
          "%s cannot be run: %s".formatted(settings.mongos(), e.getMessage()),
          "correct mongos in the node agent's configuration",
          e);
    }
  }

  private boolean isRunning() {
    return process().isPresent() || Waiting.isListening(settings.address());
  }

  /**
   * A mongos holds no lock file; it is known by the words that it was started with, or, if somebody
   * started it with others, by its program and the port at which it listens.
   */
  private Optional<ProcessHandle> process() {
    return startedAsConfigured().or(this::listening);
  }

  private Optional<ProcessHandle> listening() {
    int port =
        Integer.parseInt(settings.address().substring(settings.address().lastIndexOf(':') + 1));
    return Listeners.at(port).stream().filter(this::isMongos).findFirst();
  }

  private boolean isMongos(ProcessHandle process) {
    return HostProcesses.arguments(process).stream()
        .findFirst()
        .map(program -> Path.of(program).getFileName())
        .filter(p -> p.equals(Path.of("mongos")) || p.equals(settings.mongos().getFileName()))
        .isPresent();
  }

  private Optional<ProcessHandle> startedAsConfigured() {
    List<String> words = words();
    return ProcessHandle.allProcesses()
        .filter(
            p -> {
              List<String> arguments = HostProcesses.arguments(p);
              int from = arguments.size() - words.size();
              return from > 0
                  && !words.isEmpty()
                  && arguments.subList(from, arguments.size()).equals(words);
            })
        .findFirst();
  }

  private List<String> words() {
    List<String> words = new ArrayList<>();
    settings.configFile().ifPresent(file -> words.addAll(List.of("--config", file.toString())));
    words.addAll(settings.arguments());
    return words;
  }
}
