package io.stillpoint.sandbox.cluster;

import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/**
 * One mongod or mongos process on this machine.
 *
 * <p>Somebody else, such as a node agent, may stop the process and start another one on the same
 * data directory; this class then speaks of that one, which it finds by the pid in {@code
 * mongod.lock}.
 */
public final class LocalServer {
  private static final Duration START_DEADLINE = Duration.ofSeconds(90);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final String LOOPBACK = "127.0.0.1";

  private final String name;
  private final ServerRole role;
  private final String set;
  private final Optional<String> shardId;
  private final String address;
  private final Optional<Path> dbPath;
  private final Path logPath;
  private final List<String> argv;
  private final ClusterAccess access;
  private final Peers connections;
  private volatile Process process;

  LocalServer(
      String name,
      ServerRole role,
      String set,
      Optional<String> shardId,
      String address,
      Optional<Path> dbPath,
      Path logPath,
      List<String> argv,
      ClusterAccess access) {
    this.name = name;
    this.role = role;
    this.set = set;
    this.shardId = shardId;
    this.address = address;
    this.dbPath = dbPath;
    this.logPath = logPath;
    this.argv = List.copyOf(argv);
    this.access = access;
    this.connections = role == ServerRole.ROUTER ? access.clients() : access.members();
  }

  /**
   * A mongod outside of any cluster, on a free port of 127.0.0.1. It ends with this JVM.
   *
   * @param flags such as {@code --replSet rs0}; nothing for a standalone
   */
  public static LocalServer mongod(
      String name, Path dbPath, Path logPath, ServerPrograms programs, List<String> flags) {
    int port = new FreePorts().next();
    List<String> argv = new ArrayList<>(List.of(programs.mongod().toString()));
    argv.addAll(List.of("--dbpath", dbPath.toString()));
    argv.addAll(List.of("--port", Integer.toString(port), "--bind_ip", LOOPBACK));
    argv.addAll(List.of("--logpath", logPath.toString(), "--logappend", "--nounixsocket"));
    argv.addAll(List.of("--wiredTigerCacheSizeGB", "0.25"));
    argv.addAll(flags);
    argv.addAll(programs.extraFlags());
    return new LocalServer(
        name,
        ServerRole.REPLICA_SET,
        "",
        Optional.empty(),
        LOOPBACK + ":" + port,
        Optional.of(dbPath),
        logPath,
        argv,
        ClusterAccess.OPEN);
  }

  /** Unique in its cluster, such as {@code rs0-1}. */
  public String name() {
    return name;
  }

  public ServerRole role() {
    return role;
  }

  /** The replica set's name; empty for a mongos. */
  public String set() {
    return set;
  }

  public Optional<String> shardId() {
    return shardId;
  }

  /** {@code host:port}. */
  public String address() {
    return address;
  }

  /**
   * @throws IllegalStateException for a mongos, which has none
   */
  public Path dbPath() {
    return dbPath.orElseThrow(() -> new IllegalStateException(name + " has no data directory"));
  }

  public Path logPath() {
    return logPath;
  }

  /** The command line, program first. */
  public List<String> argv() {
    return argv;
  }

  /** A connection string for exactly this server. */
  public String uri() {
    return uri(address, "directConnection=true");
  }

  /** A connection string for hosts of the same cluster, as administrator where one is needed. */
  String uri(String hosts, String options) {
    return access.uri(hosts, options);
  }

  /** Starts the process and returns at once. */
  public void launch() {
    if (running().isPresent()) {
      throw new ClusterException(
          "%s already runs with pid %d".formatted(name, running().get().pid()));
    }
    try {
      dbPath.ifPresent(LocalServer::makeDirectory);
      makeDirectory(logPath.getParent());
      Path output = logPath.resolveSibling(name + ".out");
      process =
          new ProcessBuilder(argv)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
              .start();
      process.getOutputStream().close();
      endWithThisJvm(process);
    } catch (IOException e) {
      throw new ClusterException("cannot start " + String.join(" ", argv), e);
    }
  }

  private static void endWithThisJvm(Process started) {
    Thread hook = new Thread(started::destroyForcibly, "kill-" + started.pid());
    Runtime.getRuntime().addShutdownHook(hook);
    started
        .onExit()
        .thenRun(
            () -> {
              try {
                Runtime.getRuntime().removeShutdownHook(hook);
              } catch (IllegalStateException e) {
                // The JVM is going down, and the hook has nothing left to do.
              }
            });
  }

  /** Starts the process and waits until it answers commands. */
  public void start() {
    launch();
    awaitAnswering();
  }

  /**
   * @throws ClusterException if the process ends or stays silent, with the end of its log
   */
  public void awaitAnswering() {
    Poll.untilNull(
        START_DEADLINE,
        "start of " + name,
        () -> {
          if (running().isEmpty()) {
            throw new ClusterException(
                "%s ended with exit code %s\n%s".formatted(name, exitCode(), endOfLog()));
          }
          try {
            run("admin", new BsonDocument("ping", new BsonInt32(1)));
            return null;
          } catch (ClusterException e) {
            return e.getMessage() + ", cause " + e.getCause();
          }
        });
  }

  /** The process that serves now, whoever started it. */
  public Optional<ProcessHandle> running() {
    Process mine = process;
    if (mine != null && mine.isAlive()) {
      return Optional.of(mine.toHandle());
    }
    return dbPath.isPresent() ? lockOwner(dbPath.get()) : startedWithSameWords();
  }

  /** A mongos holds no lock file; one that somebody else started has the same arguments. */
  private Optional<ProcessHandle> startedWithSameWords() {
    List<String> words = argv.subList(1, argv.size());
    return ProcessHandle.allProcesses()
        .filter(
            p -> {
              List<String> all = p.info().arguments().map(List::of).orElse(List.of());
              int from = all.size() - words.size();
              return from >= 0 && all.subList(from, all.size()).equals(words);
            })
        .findFirst();
  }

  /** The exit code of the process that this object started, if it has ended. */
  public Optional<Integer> exitCode() {
    Process mine = process;
    return mine == null || mine.isAlive() ? Optional.empty() : Optional.of(mine.exitValue());
  }

  /** Ends the process as an operator would, and by force when that takes more than 30 s. */
  public void stop() {
    running()
        .ifPresent(
            handle -> {
              handle.destroy();
              if (!awaitExit(handle, STOP_DEADLINE)) {
                killAndAwait(handle);
              }
            });
  }

  /** Ends the process like a power failure: {@code kill -9}. */
  public void kill() {
    running().ifPresent(LocalServer::killAndAwait);
  }

  /**
   * Sends a command over a connection of its own.
   *
   * @throws ClusterException if the server cannot be reached
   * @throws io.stillpoint.sandbox.wire.CommandException if it replies with an error
   */
  public BsonDocument run(String db, BsonDocument command) {
    try (WireClient client = connections.connect(address, CONNECT_TIMEOUT)) {
      return client.run(db, command, COMMAND_TIMEOUT);
    } catch (IOException e) {
      throw new ClusterException("%s at %s does not answer".formatted(name, address), e);
    }
  }

  /** The last lines that the server wrote, for error messages. */
  public String endOfLog() {
    StringBuilder end = new StringBuilder();
    for (Path file : List.of(logPath.resolveSibling(name + ".out"), logPath)) {
      if (Files.exists(file)) {
        try {
          List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
          lines.stream()
              .skip(Math.max(0, lines.size() - 15))
              .forEach(line -> end.append(line).append('\n'));
        } catch (IOException e) {
          end.append("cannot read ").append(file).append(": ").append(e).append('\n');
        }
      }
    }
    return end.toString();
  }

  @Override
  public String toString() {
    return name + " at " + address;
  }

  private static Optional<ProcessHandle> lockOwner(Path dbPath) {
    Path lock = dbPath.resolve("mongod.lock");
    try {
      String pid = Files.exists(lock) ? Files.readString(lock).strip() : "";
      // A crashed server leaves its pid behind, and the kernel may have given it to another.
      return pid.isEmpty()
          ? Optional.empty()
          : ProcessHandle.of(Long.parseLong(pid))
              .filter(ProcessHandle::isAlive)
              .filter(handle -> servesFrom(handle, dbPath));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static boolean servesFrom(ProcessHandle handle, Path dbPath) {
    return handle
        .info()
        .arguments()
        .map(arguments -> List.of(arguments).contains(dbPath.toString()))
        .orElse(false);
  }

  private static void killAndAwait(ProcessHandle handle) {
    handle.destroyForcibly();
    if (!awaitExit(handle, STOP_DEADLINE)) {
      throw new ClusterException("process %d survived kill -9".formatted(handle.pid()));
    }
  }

  private static boolean awaitExit(ProcessHandle handle, Duration deadline) {
    try {
      handle.onExit().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new ClusterException("cannot wait for process " + handle.pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted while waiting for process " + handle.pid(), e);
    }
  }

  private static void makeDirectory(Path directory) {
    if (Files.isDirectory(directory)) {
      // It may be a link to one, at which createDirectories stumbles.
      return;
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new ClusterException("cannot make " + directory, e);
    }
  }
}
