package io.stillpoint.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A mongos that runs on this host, from the agent's own configuration. It caches where documents
 * live, so a restore stops it before the cluster's past comes back and starts it afterwards.
 *
 * @param address host:port, as the cluster's settings on the control workers write it
 * @param output where what the process prints is appended, if the agent starts it itself
 */
public record RouterSettings(
    String address,
    Path mongos,
    Optional<Path> configFile,
    List<String> arguments,
    List<String> startCommand,
    List<String> stopCommand,
    Path output) {

  public RouterSettings {
    arguments = List.copyOf(arguments);
    startCommand = List.copyOf(startCommand);
    stopCommand = List.copyOf(stopCommand);
  }
}
