package io.stillpoint.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A member that runs on this host, from the agent's own configuration. What the agent executes,
 * moves and deletes follows from here and never from a request.
 *
 * @param address host:port, as the replica set's configuration writes it
 * @param dataPath the member's dbPath on this host
 * @param mongod the server program
 * @param configFile the server's YAML configuration
 * @param arguments its arguments; those of the start command's program where one is given
 * @param startCommand starts the server as this host always does, for example through systemd;
 *     empty to run the program itself
 * @param stopCommand stops it; empty to send the shutdown command
 * @param logPath the server's log where the agent cannot read it from arguments or configuration
 * @param snapshotRoot where directory snapshots are written and read; must exist
 * @param parallelCopies how many files one copy reads at once
 * @param copyBytesPerSecond how fast a copy may read the live data; 0 for as fast as it goes
 * @param holdFile exists while a restore keeps the server stopped, so that nothing else starts it
 */
public record NodeSettings(
    String address,
    Path dataPath,
    Path mongod,
    Optional<Path> configFile,
    List<String> arguments,
    List<String> startCommand,
    List<String> stopCommand,
    Optional<Path> logPath,
    Path snapshotRoot,
    int parallelCopies,
    long copyBytesPerSecond,
    Optional<Path> holdFile) {

  public NodeSettings {
    arguments = List.copyOf(arguments);
    startCommand = List.copyOf(startCommand);
    stopCommand = List.copyOf(stopCommand);
    parallelCopies = Math.max(1, parallelCopies);
    copyBytesPerSecond = Math.max(0, copyBytesPerSecond);
  }

  /** Copies as fast as they go; without a hold file. */
  public NodeSettings(
      String address,
      Path dataPath,
      Path mongod,
      Optional<Path> configFile,
      List<String> arguments,
      List<String> startCommand,
      List<String> stopCommand,
      Optional<Path> logPath,
      Path snapshotRoot,
      int parallelCopies) {
    this(
        address,
        dataPath,
        mongod,
        configFile,
        arguments,
        startCommand,
        stopCommand,
        logPath,
        snapshotRoot,
        parallelCopies,
        0,
        Optional.empty());
  }
}
