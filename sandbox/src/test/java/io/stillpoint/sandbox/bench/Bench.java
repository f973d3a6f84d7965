package io.stillpoint.sandbox.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code make bench}. A missed bar is a finding, not a failure; a figure that broke off is one. */
@Command(name = "bench", description = "Takes the figures that benchmarks/README.md explains.")
final class Bench implements Callable<Integer> {

  @Option(
      names = "--only",
      split = ",",
      description =
          "Some of: copy, cluster, window, cursors, writer, drain, micro, pbm. Default: all.")
  private List<String> only = List.of();

  @Option(names = "--tiny", description = "As small as it gets: shows that it works, no more.")
  private boolean tiny;

  @Option(names = "--output", description = "Where summary.json and table.txt are written.")
  private Path output = Path.of("target", "bench");

  @Option(
      names = "--pbm",
      description = "Where pbm and pbm-agent are, for the same backups side by side.")
  private Path pbm;

  public static void main(String[] args) {
    // Whoever ends a run in its middle ends all that it started.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly),
                "end-all"));
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<Figures> all =
        List.of(
            new CopyFigures(),
            new ClusterFigures(),
            new WindowFigures(),
            new CursorFigures(),
            new WriterFigures(),
            new DrainFigures(),
            new MicroFigures(),
            new PbmFigures(Optional.ofNullable(pbm)));
    requireKnown(all);
    Scene scene = new Scene(output.toAbsolutePath().resolve("work"), tiny);
    Summary summary = new Summary(output, environment());
    for (Figures figures : all) {
      if (only.isEmpty() || only.contains(figures.name())) {
        System.out.println("-- " + figures.name());
        take(figures, scene, summary);
        scene.remove(figures.name());
      }
    }
    System.out.println();
    System.out.print(summary.table());
    return summary.isComplete() ? 0 : 1;
  }

  private static void take(Figures figures, Scene scene, Summary summary) throws IOException {
    try {
      figures.take(scene, summary);
    } catch (Exception e) {
      e.printStackTrace();
      summary.fail(figures.name(), e.toString());
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void requireKnown(List<Figures> all) {
    List<String> names = all.stream().map(Figures::name).toList();
    only.stream()
        .filter(n -> !names.contains(n))
        .findFirst()
        .ifPresent(
            n -> {
              throw new IllegalArgumentException(
                  "no figures are named '%s', only %s".formatted(n, names));
            });
  }

  private Map<String, String> environment() throws IOException {
    Map<String, String> found = new TreeMap<>();
    found.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    found.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
    found.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
    found.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    found.put("scale", tiny ? "tiny: the numbers mean nothing" : "full");
    found.put("fileSystem", Files.getFileStore(Path.of("").toAbsolutePath()).type());
    found.put("load", firstLine(Path.of("/proc/loadavg")));
    found.put("memory", firstLine(Path.of("/proc/meminfo")));
    found.put(
        "servers",
        System.getProperty("stillpoint.mongod", "").isEmpty()
            ? "simulated " + System.getProperty("stillpoint.simulate", "4.4")
            : "real, given by -Dstillpoint.mongod");
    return found;
  }

  private static String firstLine(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      return "unknown";
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines.findFirst().orElse("unknown").replaceAll("\\s+", " ");
    }
  }
}
