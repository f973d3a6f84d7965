package io.stillpoint.sandbox.mongos;

import io.stillpoint.sandbox.auth.Security;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireServer;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** The program {@code mongos}. */
public final class SimulatedMongos {
  private static final int BAD_OPTIONS = 2;

  private SimulatedMongos() {}

  /** Serves until SIGTERM or the shutdown command. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> list = List.of(arguments);
    RouterOptions options;
    Security security;
    try {
      if (list.contains("--version")) {
        List<String> rest = list.stream().filter(each -> !each.equals("--version")).toList();
        List<String> complete = new ArrayList<>(rest);
        complete.addAll(List.of("--configdb", "none/none"));
        System.out.println(
            "mongos version v" + RouterOptions.parse(complete, System.getenv()).release());
        return;
      }
      options = RouterOptions.parse(list, System.getenv());
      security = options.protection();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(BAD_OPTIONS);
      return;
    }
    serve(options, security);
  }

  private static void serve(RouterOptions options, Security security)
      throws IOException, InterruptedException {
    PrintStream log = log(options);
    System.setErr(log);
    if (options.pidfilepath().isPresent()) {
      Files.writeString(Path.of(options.pidfilepath().get()), ProcessHandle.current().pid() + "\n");
    }
    CountDownLatch ended = new CountDownLatch(1);
    WireServer[] server = new WireServer[1];
    Router router =
        new Router(options, security, () -> server[0].openConnections(), () -> endSoon(ended));
    // As the real one: no client is served before the config server answers.
    awaitConfigServer(router, log);
    server[0] =
        WireServer.start(
            security.listeners(), InetAddress.getByName(options.bindIp()), options.port(), router);
    log.println(line(23016, "Waiting for connections", "port", options.port()));
    Runtime.getRuntime().addShutdownHook(new Thread(ended::countDown, "SIGTERM"));
    ended.await();
    server[0].close();
    router.close();
    log.println(line(23138, "Shutting down", "exitCode", 0));
    Runtime.getRuntime().halt(0);
  }

  private static void awaitConfigServer(Router router, PrintStream log) {
    while (true) {
      try {
        router.awaitConfigServer();
        return;
      } catch (CommandException e) {
        log.println(
            line(23834, "Error initializing sharding state: " + e.getMessage(), "code", e.code()));
      }
    }
  }

  private static void endSoon(CountDownLatch ended) {
    Thread thread =
        new Thread(
            () -> {
              LockSupport.parkNanos(100_000_000);
              ended.countDown();
            },
            "shutdown");
    thread.setDaemon(true);
    thread.start();
  }

  private static PrintStream log(RouterOptions options) throws IOException {
    if (options.logpath().isEmpty()) {
      return System.out;
    }
    return new PrintStream(
        new FileOutputStream(options.logpath().get(), options.logappend()),
        true,
        StandardCharsets.UTF_8);
  }

  private static String line(int id, String message, String attribute, int value) {
    return "{\"t\":{\"$date\":\"%s\"},\"s\":\"I\",\"c\":\"SHARDING\",\"id\":%d,\"ctx\":\"main\",\"msg\":\"%s\",\"attr\":{\"%s\":%d}}"
        .formatted(java.time.Instant.now(), id, message.replace("\"", "'"), attribute, value);
  }
}
