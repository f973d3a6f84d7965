package io.stillpoint.worker;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.Micronaut;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.error.TemporalProblems;
import io.stillpoint.worker.settings.Health;
import io.stillpoint.worker.settings.SettingsFile;
import io.stillpoint.worker.settings.WorkerSettings;
import io.temporal.common.interceptors.WorkerInterceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** {@code stillpoint worker --config FILE}: the one program for control workers and node agents. */
public final class WorkerApplication {
  private static final String USAGE =
      """
      Usage: stillpoint worker [--config FILE]

      Runs a control worker, a node agent, or both, as FILE says (or STILLPOINT_CONFIG).
      Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and Temporal's profile file.
      SIGTERM drains and ends it.
      """;

  private WorkerApplication() {}

  public static void main(String[] args) {
    if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"))) {
      System.out.print(USAGE);
      return;
    }
    TemporalProblems.silenceLibraries();
    WorkerSettings settings;
    try {
      settings = SettingsFile.read(file(args, System.getenv()), System.getenv());
      // Certificates that cannot be read are told here, in one line.
      TemporalFactory.options(TemporalFactory.profile(settings.temporal(), System.getenv()));
      // So is what the clouds' sections get wrong together: regions, volumes of two members.
      new CloudFactory().providers(settings).close();
      // So are wrong values of OTEL_*.
      Tracing.configured(System.getenv(), Identities.process(settings)).close();
      requireFree(settings.health());
    } catch (StillpointException e) {
      exit(e);
      return;
    } catch (IllegalArgumentException e) {
      System.err.printf("error [BAD_INPUT]: %s%n%n%s", e.getMessage(), USAGE);
      System.exit(2);
      return;
    }
    start(settings);
  }

  private static void exit(StillpointException e) {
    System.err.printf("error [%s]: %s%nHINT: %s%n", e.code(), e.getMessage(), e.hint());
    System.exit(e.code().exitCode());
  }

  /**
   * Told before anything is polled for: a worker that then ended would leave what it took.
   *
   * @throws StillpointException CONFIGURATION_INVALID
   */
  static void requireFree(Health health) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(health.address(), health.port()));
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "stillpoint.health %s:%d cannot be listened on: %s"
              .formatted(health.address(), health.port(), e.getMessage()),
          "stop what listens there, or set stillpoint.health.port (0 for any free port)",
          e);
    }
  }

  /** Starts the service; closing the context drains it. */
  public static ApplicationContext start(WorkerSettings settings) {
    return start(settings, System.getenv());
  }

  /**
   * @param environment where TEMPORAL_ADDRESS, TEMPORAL_TLS_* and the like are looked for
   * @param interceptors see every activity before it runs, as tracing or tests want
   */
  public static ApplicationContext start(
      WorkerSettings settings, Map<String, String> environment, WorkerInterceptor... interceptors) {
    return Micronaut.build(new String[0])
        .mainClass(WorkerApplication.class)
        .banner(false)
        .deduceEnvironment(false)
        .singletons(settings, new ProcessEnvironment(environment))
        .singletons((Object[]) interceptors)
        .properties(
            Map.of(
                "micronaut.server.host", settings.health().address(),
                "micronaut.server.port", settings.health().port()))
        .start();
  }

  static Optional<Path> file(String[] args, Map<String, String> environment) {
    if (args.length == 0) {
      return Optional.ofNullable(environment.get("STILLPOINT_CONFIG")).map(Path::of);
    }
    if (args.length == 2 && args[0].equals("--config")) {
      return Optional.of(Path.of(args[1]));
    }
    if (args.length == 1 && args[0].startsWith("--config=")) {
      return Optional.of(Path.of(args[0].substring("--config=".length())));
    }
    throw new IllegalArgumentException("the worker takes nothing but --config FILE");
  }
}
