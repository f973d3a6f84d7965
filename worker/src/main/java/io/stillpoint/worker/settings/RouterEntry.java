package io.stillpoint.worker.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A mongos that runs on this host; a restore stops and starts it.
 *
 * @param address host:port, as {@code stillpoint.clusters.<name>.routers} writes it
 */
public record RouterEntry(
    String address,
    Path mongos,
    Optional<Path> configFile,
    List<String> arguments,
    List<String> startCommand,
    List<String> stopCommand) {
  public RouterEntry {
    arguments = List.copyOf(arguments);
    startCommand = List.copyOf(startCommand);
    stopCommand = List.copyOf(stopCommand);
  }
}
