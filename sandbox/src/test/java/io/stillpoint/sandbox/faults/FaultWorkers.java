package io.stillpoint.sandbox.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** Worker processes in which faults strike, and the supervisor that starts the dead ones again. */
final class FaultWorkers implements AutoCloseable {

  private static final long BETWEEN_LOOKS_MILLIS = 200;
  private static final Duration UP = Duration.ofMinutes(4);

  private final Path faults;
  private final Path log;
  private final Map<String, String> environment;
  private final List<Supervised> all = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Thread supervisor = new Thread(this::supervise, "supervisor");

  /**
   * @param faults where faults are laid
   * @param log of all
   */
  FaultWorkers(Path faults, Path log, Map<String, String> environment, List<WorkerFile> files) {
    this.faults = faults;
    this.log = log;
    this.environment = new HashMap<>(environment);
    files.forEach(f -> all.add(new Supervised(f)));
    supervisor.setDaemon(true);
    supervisor.start();
  }

  /** kill -9 of all, and no others before {@link #bringBack()}. */
  void takeAllAway() {
    all.forEach(Supervised::takeAway);
  }

  /** kill -9 of the node agents; control workers stay. */
  void takeAgentsAway() {
    all.stream().filter(s -> s.file.agent()).forEach(Supervised::takeAway);
  }

  void bringBack() {
    all.forEach(s -> s.wanted = true);
  }

  /** Waits until every one of them takes tasks. */
  void awaitUp() {
    Awaitility.await("workers")
        .atMost(UP)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> all.stream().allMatch(Supervised::isUp));
  }

  private void supervise() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        for (Supervised each : all) {
          each.startIfDead();
        }
        Thread.sleep(BETWEEN_LOOKS_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    supervisor.interrupt();
    takeAllAway();
  }

  /** One of them. */
  private final class Supervised {
    private final WorkerFile file;
    private volatile boolean wanted = true;
    private Process process;

    Supervised(WorkerFile file) {
      this.file = file;
    }

    synchronized void takeAway() {
      wanted = false;
      if (process != null) {
        process.destroyForcibly().onExit().join();
      }
    }

    boolean isUp() {
      HttpRequest question =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:%d/health/readiness".formatted(file.health())))
              .timeout(Duration.ofSeconds(5))
              .build();
      try {
        return http.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
      } catch (IOException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    synchronized void startIfDead() {
      if (!wanted || process != null && process.isAlive()) {
        return;
      }
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Xshare:auto",
                  "-Xmx256m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  FaultyWorker.class.getName(),
                  faults.toString(),
                  file.path().toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      try {
        process = builder.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
