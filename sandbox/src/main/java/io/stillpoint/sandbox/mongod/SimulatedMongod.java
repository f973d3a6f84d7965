package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.mongod.config.Options;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The program {@code mongod}: SIGTERM shuts it down cleanly, SIGKILL is a crash. */
public final class SimulatedMongod {
  private static final int BAD_OPTIONS = 2;

  private SimulatedMongod() {}

  /** Runs until shutdown; the exit code is the one a real mongod would have. */
  public static void main(String[] args) {
    Options options = parse(args);
    if (options.showVersion()) {
      System.out.println("db version v" + options.version().full());
      System.out.println("Build Info: {\"version\": \"" + options.version().full() + "\"}");
      return;
    }
    ServerLog log;
    try {
      log = new ServerLog(output(options));
    } catch (IOException e) {
      System.err.println("Failed to open log file: " + e.getMessage());
      Runtime.getRuntime().halt(1);
      return;
    }
    run(options, log);
  }

  private static Options parse(String[] args) {
    String simulate = System.getenv("STILLPOINT_SIMULATE");
    try {
      Options options =
          Options.parse(List.of(args), simulate == null || simulate.isEmpty() ? "4.4" : simulate);
      options.version();
      return options;
    } catch (IllegalArgumentException | IOException e) {
      System.err.println(e.getMessage());
      System.err.println("try 'mongod --help' for more information");
      System.exit(BAD_OPTIONS);
      throw new IllegalStateException(e);
    }
  }

  private static PrintStream output(Options options) throws IOException {
    Path path = options.logPath();
    return path == null
        ? System.out
        : new PrintStream(
            new FileOutputStream(path.toFile(), options.logAppend()), true, StandardCharsets.UTF_8);
  }

  private static void run(Options options, ServerLog log) {
    Thread.currentThread().setName("initandlisten");
    int code;
    try {
      Mongod mongod = Mongod.open(options, log);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(mongod), "SignalHandler"));
      mongod.serve();
      writePid(options);
      code = mongod.exit().join();
    } catch (FatalError e) {
      code = e.exitCode();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      code = BAD_OPTIONS;
    } catch (IOException e) {
      log.error(
          "CONTROL",
          20568,
          "Error setting up listener",
          "error",
          "SocketException: " + e.getMessage());
      code = 48;
    }
    // Not exit(): after a fatal error nothing more may be written, and shutdown has run already.
    Runtime.getRuntime().halt(code);
  }

  /** SIGTERM: a clean shutdown with exit code 0, where a JVM by itself would give 143. */
  private static void end(Mongod mongod) {
    try {
      mongod.shutdown();
    } catch (FatalError e) {
      mongod.die(e);
    }
    Runtime.getRuntime().halt(mongod.exit().join());
  }

  private static void writePid(Options options) {
    if (options.pidFile() != null) {
      Mongod.writeFile(options.pidFile(), ProcessHandle.current().pid() + "\n");
    }
    String ready = System.getenv("STILLPOINT_READY_FILE");
    if (ready != null && !ready.isEmpty()) {
      Mongod.writeFile(Path.of(ready), "ready\n");
    }
  }
}
