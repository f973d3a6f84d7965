package io.stillpoint.sandbox.demo;

import io.stillpoint.sandbox.cluster.ClusterCertificates;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Two control workers and one node agent, each a process with its own configuration file. */
public final class DemoWorkers implements AutoCloseable {

  public static final String CLUSTER = "shop";

  /** A worker's death is noticed after ten seconds. */
  private static final int SLOW_CUT_SECONDS = 20;

  private final List<WorkerProcess> all = new ArrayList<>();
  private final Path directory;
  private final String temporal;
  private final Map<String, String> environment;

  /**
   * Workers that copy as fast as they can.
   *
   * @param settings further lines of every configuration file, indented to be below {@code
   *     stillpoint}
   */
  public DemoWorkers(Path directory, LocalCluster cluster, String settings, String temporal) {
    this(
        directory,
        cluster,
        settings,
        environment(Map.of(), cluster.spec().programs().simulate()),
        false,
        temporal,
        0);
  }

  /**
   * @param command whether the agent has the example program for snapshots
   * @param copyBytesPerSecond slows the copies down, so that there is a middle to kill a worker in
   */
  DemoWorkers(
      Path directory,
      LocalCluster cluster,
      Optional<DemoCloud> cloud,
      Optional<String> simulate,
      boolean command,
      String temporal,
      boolean embeddedTemporal,
      long copyBytesPerSecond) {
    this(
        directory,
        cluster,
        // The embedded server leaves a task with a dead worker that had the workflow cached.
        (embeddedTemporal ? "  temporal:\n    cached-workflows: 0\n" : "")
            + cloud.map(DemoCloud::settings).orElse(""),
        environment(cloud.isPresent() ? DemoCloud.credentials() : Map.of(), simulate),
        command,
        temporal,
        copyBytesPerSecond);
  }

  private DemoWorkers(
      Path directory,
      LocalCluster cluster,
      String common,
      Map<String, String> environment,
      boolean command,
      String temporal,
      long copyBytesPerSecond) {
    this.directory = directory;
    this.temporal = temporal;
    this.environment = environment;
    makeDirectory(directory);
    makeDirectory(directory.resolve("catalog"));
    makeDirectory(directory.resolve("snapshots"));
    for (String name : List.of("control-1", "control-2")) {
      Path file = directory.resolve(name + ".yml");
      write(file, control(name, directory, cluster) + common);
      all.add(WorkerProcess.start(name, file, temporal, environment));
    }
    Path file = directory.resolve("agent.yml");
    write(
        file,
        agent(directory, cluster, copyBytesPerSecond)
            + (command ? program(directory) : "")
            + common);
    all.add(WorkerProcess.start("agent", file, temporal, environment));
  }

  /** The agent asks the server program itself for its version, and starts it by hand. */
  private static Map<String, String> environment(
      Map<String, String> credentials, Optional<String> simulate) {
    Map<String, String> environment = new HashMap<>(credentials);
    simulate.ifPresent(version -> environment.put("STILLPOINT_SIMULATE", version));
    return environment;
  }

  /** Where the manifests are. */
  Path catalog() {
    return directory.resolve("catalog");
  }

  /** The node agent's snapshot root. */
  Path snapshots() {
    return directory.resolve("snapshots");
  }

  public List<WorkerProcess> all() {
    return List.copyOf(all);
  }

  /** Starts a worker that was killed once more, on its configuration of before. */
  public void startAgain(WorkerProcess dead) {
    String name = dead.name();
    all.set(
        all.indexOf(dead),
        WorkerProcess.start(name, directory.resolve(name + ".yml"), temporal, environment));
  }

  public Optional<WorkerProcess> named(String identity) {
    return all.stream().filter(w -> w.name().equals(identity)).findFirst();
  }

  private static String control(String name, Path directory, LocalCluster cluster) {
    String routers =
        cluster.mongos().map(m -> "      routers: [\"" + m.address() + "\"]\n").orElse("");
    return """
    stillpoint:
      roles: [control]
      identity: %s
      health:
        port: %d
      catalog:
        directory: %s
      clusters:
        %s:
          uri: %s
    """
            .formatted(
                name,
                freePort(),
                quoted(directory.resolve("catalog").toString()),
                CLUSTER,
                quoted(cluster.stillpointUri()))
        + routers
        + cluster.certificates().map(DemoWorkers::tls).orElse("");
  }

  private static String tls(ClusterCertificates certificates) {
    return "      tls: { ca-file: %s, certificate-key-file: %s }\n"
        .formatted(
            quoted(certificates.ca().toString()), quoted(certificates.stillpoint().toString()));
  }

  private static String agent(Path directory, LocalCluster cluster, long copyBytesPerSecond) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        stillpoint:
          roles: [node]
          identity: agent
          health:
            port: %d
          catalog:
            directory: %s
          node:
            snapshot-root: %s
            copy-bytes-per-second: %d
            members:
        """
            .formatted(
                freePort(),
                quoted(directory.resolve("catalog").toString()),
                quoted(directory.resolve("snapshots").toString()),
                Math.min(copyBytesPerSecond, Integer.MAX_VALUE)));
    for (LocalServer member : cluster.members()) {
      append(text, member, member.dbPath());
    }
    cluster
        .mongos()
        .ifPresent(
            m -> {
              text.append("    routers:\n");
              text.append("      - address: \"%s\"\n".formatted(m.address()));
              text.append("        mongos: %s\n".formatted(quoted(m.argv().get(0))));
              text.append("        arguments: [%s]\n".formatted(arguments(m.argv())));
            });
    return text.toString();
  }

  /** The example of the source tree, slowed down so that there is a middle to kill a worker in. */
  private static String program(Path directory) {
    Path home = Path.of(System.getProperty("stillpoint.home", "..")).toAbsolutePath().normalize();
    makeDirectory(directory.resolve("program-snapshots"));
    Path slowly = directory.resolve("slowly.sh");
    write(
        slowly,
        """
        #!/bin/sh
        [ "$1" != cut ] || sleep %d
        exec '%s' "$@"
        """
            .formatted(SLOW_CUT_SECONDS, home.resolve("examples/snapshot-command/reflink.sh")));
    if (!slowly.toFile().setExecutable(true)) {
      throw new IllegalStateException("cannot make " + slowly + " executable");
    }
    return """
        command:
          program: [%s]
          environment: { SNAPSHOTS: %s }
    """
        .formatted(
            quoted(slowly.toString()), quoted(directory.resolve("program-snapshots").toString()));
  }

  private static void append(StringBuilder text, LocalServer member, Path dataPath) {
    List<String> argv = member.argv();
    text.append(
        """
              - address: "%s"
                data-path: %s
                mongod: %s
                log-path: %s
                arguments: [%s]
        """
            .formatted(
                member.address(),
                quoted(dataPath.toString()),
                quoted(argv.get(0)),
                quoted(member.logPath().toString()),
                arguments(argv)));
  }

  private static String arguments(List<String> argv) {
    return argv.subList(1, argv.size()).stream()
        .map(DemoWorkers::quoted)
        .collect(Collectors.joining(", "));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException("no free port on the loopback interface", e);
    }
  }

  private static void makeDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new IllegalStateException("cannot make " + directory, e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new IllegalStateException("cannot write " + file, e);
    }
  }

  @Override
  public void close() {
    all.forEach(WorkerProcess::stop);
  }
}
