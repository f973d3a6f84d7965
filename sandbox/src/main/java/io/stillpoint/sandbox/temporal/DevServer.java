package io.stillpoint.sandbox.temporal;

import io.grpc.StatusRuntimeException;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code temporal server start-dev} on free ports of the loopback interface. What it knows is in a
 * file, so that it can be stopped and started again. It ends with this JVM, short of {@code kill
 * -9}.
 */
public final class DevServer implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(15);
  private static final long BETWEEN_LOOKS_MILLIS = 100;

  private final Path program;
  private final Path directory;
  private final boolean ui;
  private final int port;
  private final int uiPort;
  private final int httpPort;
  private final int metricsPort;
  private final Thread stopAtExit = new Thread(this::kill, "stop-temporal");
  private Process process;

  private DevServer(Path program, Path directory, boolean ui) {
    this.program = program;
    this.directory = directory;
    this.ui = ui;
    FreePorts ports = new FreePorts();
    port = ports.next();
    uiPort = ports.next();
    httpPort = ports.next();
    metricsPort = ports.next();
  }

  /** The program {@code temporal}: on the PATH, or where {@code go install} puts it. */
  public static Optional<Path> installed() {
    Stream<Path> path =
        Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
            .filter(d -> !d.isBlank())
            .map(Path::of);
    Path go = Path.of(System.getProperty("user.home"), "go", "bin");
    return Stream.concat(path, Stream.of(go))
        .map(d -> d.resolve("temporal"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @param directory for its database and log; must exist
   * @param ui serve the web UI too
   */
  public static DevServer start(Path program, Path directory, boolean ui) {
    DevServer server = new DevServer(program, directory, ui);
    Runtime.getRuntime().addShutdownHook(server.stopAtExit);
    server.start();
    return server;
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  public String uiAddress() {
    if (!ui) {
      throw new IllegalStateException("this server was started without its UI");
    }
    return "http://127.0.0.1:" + uiPort;
  }

  public Path program() {
    return program;
  }

  /** Starts it again after {@link #stop()}, with all that it knew, at the same address. */
  public void start() {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "server",
                "start-dev",
                "--ip",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--http-port",
                String.valueOf(httpPort),
                "--metrics-port",
                String.valueOf(metricsPort),
                "--db-filename",
                directory.resolve("temporal.db").toString(),
                "--log-level",
                "error"));
    if (ui) {
      command.addAll(List.of("--ui-ip", "127.0.0.1", "--ui-port", String.valueOf(uiPort)));
    } else {
      command.add("--headless");
    }
    Path log = directory.resolve("temporal.log");
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitAnswer(log);
  }

  private void awaitAnswer(Path log) {
    WorkflowServiceStubs stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(address()).build());
    long end = System.nanoTime() + START.toNanos();
    try {
      while (!answers(stubs)) {
        if (!process.isAlive() || System.nanoTime() > end) {
          kill();
          throw new IllegalStateException(
              "temporal at %s does not answer; its log is %s".formatted(address(), log));
        }
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill();
      throw new IllegalStateException("interrupted while temporal started", e);
    } finally {
      stubs.shutdownNow();
    }
  }

  private static boolean answers(WorkflowServiceStubs stubs) {
    try {
      stubs
          .blockingStub()
          .withDeadlineAfter(2, TimeUnit.SECONDS)
          .describeNamespace(DescribeNamespaceRequest.newBuilder().setNamespace("default").build());
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** Stops it in order; {@link #start()} brings it back. */
  public void stop() {
    process.destroy();
    try {
      if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill();
    }
  }

  private void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
    }
  }

  @Override
  public void close() {
    stop();
    try {
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    } catch (IllegalStateException e) {
      // The JVM is going down: the hook has run or is running, and does the same.
    }
  }
}
