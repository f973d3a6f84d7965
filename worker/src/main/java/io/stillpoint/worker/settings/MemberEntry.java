package io.stillpoint.worker.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A member that runs on this host. What an agent may execute and delete is fixed here and nowhere
 * else.
 *
 * @param address host:port, as the replica set's configuration writes it
 * @param mongod the server program
 * @param arguments its arguments where no configuration file is used
 * @param startCommand starts the server as this host always does, for example through systemd;
 *     empty to run the program itself
 * @param stopCommand stops it; empty to send the shutdown command
 * @param holdFile exists while a restore keeps the server stopped
 */
public record MemberEntry(
    String address,
    Path dataPath,
    Path mongod,
    Optional<Path> configFile,
    List<String> arguments,
    List<String> startCommand,
    List<String> stopCommand,
    Optional<Path> logPath,
    Optional<Path> holdFile) {
  public MemberEntry {
    arguments = List.copyOf(arguments);
    startCommand = List.copyOf(startCommand);
    stopCommand = List.copyOf(stopCommand);
  }
}
