package io.stillpoint.sandbox.cluster;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The programs that a cluster runs.
 *
 * @param simulate the server version that the simulated programs imitate; empty for real servers
 */
public record ServerPrograms(Path mongod, Path mongos, Optional<String> simulate) {

  /** Real servers, such as Percona Server for MongoDB 4.4 to 8.0. */
  public static ServerPrograms real(Path mongod, Path mongos) {
    return new ServerPrograms(mongod, mongos, Optional.empty());
  }

  /**
   * The simulated servers of this module.
   *
   * @param version one of {@code 4.4, 5.0, 6.0, 7.0, 8.0}
   */
  public static ServerPrograms simulated(String version) {
    Path bin = simulatedPrograms();
    return new ServerPrograms(bin.resolve("mongod"), bin.resolve("mongos"), Optional.of(version));
  }

  /**
   * What the system properties {@code stillpoint.mongod}, {@code stillpoint.mongos} (both or none)
   * and {@code stillpoint.simulate} say: real servers if given, else simulated ones of 4.4.
   */
  public static ServerPrograms fromSystemProperties() {
    String mongod = System.getProperty("stillpoint.mongod", "");
    String mongos = System.getProperty("stillpoint.mongos", "");
    if (mongod.isEmpty() != mongos.isEmpty()) {
      throw new IllegalArgumentException(
          "stillpoint.mongod is '%s' but stillpoint.mongos is '%s'\nHINT: give both or none"
              .formatted(mongod, mongos));
    }
    if (mongod.isEmpty()) {
      return simulated(System.getProperty("stillpoint.simulate", "4.4"));
    }
    return real(Path.of(mongod).toAbsolutePath(), Path.of(mongos).toAbsolutePath());
  }

  public boolean isSimulated() {
    return simulate.isPresent();
  }

  /** The flags that only the simulated programs know. */
  List<String> extraFlags() {
    return simulate.map(version -> List.of("--simulate", version)).orElse(List.of());
  }

  private static Path simulatedPrograms() {
    String configured = System.getProperty("stillpoint.sandbox.bin", "");
    Path bin = configured.isEmpty() ? besideClasses().resolve("bin") : Path.of(configured);
    if (!Files.isExecutable(bin.resolve("mongod"))) {
      throw new IllegalStateException(
          "no program mongod in %s\nHINT: set the system property stillpoint.sandbox.bin to sandbox/bin"
              .formatted(bin));
    }
    return bin.toAbsolutePath();
  }

  /** The module's directory, two levels above {@code target/classes} or {@code target/x.jar}. */
  private static Path besideClasses() {
    try {
      Path code =
          Path.of(ServerPrograms.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return code.toAbsolutePath().getParent().getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
