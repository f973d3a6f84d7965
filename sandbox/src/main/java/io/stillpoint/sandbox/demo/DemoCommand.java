package io.stillpoint.sandbox.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.cli.CliContext;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code stillpoint demo}. */
@Command(
    name = "demo",
    description = {
      "Shows the main job on this machine: load, a backup whose worker is killed in the middle,"
          + " more load, a restore, and a comparison of every document.",
      "",
      "Needs nothing but this program: the cluster is simulated unless real servers are named."
    },
    exitCodeListHeading = "%nEXIT STATUS%n",
    exitCodeList = {" 0:the restored data is identical", " 1:it is not, or the story broke off"},
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint demo",
      "  stillpoint demo --replica-set --output json",
      "  stillpoint demo --type ebs",
      "  stillpoint demo --auth --tls",
      "  stillpoint demo --mongod /usr/bin/mongod --mongos /usr/bin/mongos"
    })
final class DemoCommand implements Callable<Integer> {

  private final CliContext context;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Option(names = "--replica-set", description = "One replica set of 3 members, not sharded.")
  private boolean replicaSet;

  @Option(
      names = "--auth",
      description = "With authentication: a key file, and a user with Stillpoint's role only.")
  private boolean authentication;

  @Option(
      names = "--tls",
      description =
          "The servers speak TLS only; with --auth, Stillpoint logs in by its certificate. Needs"
              + " servers built with TLS, which the simulated ones are.")
  private boolean tls;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "directory",
      description =
          "How snapshots are made: directory, command (the example program), or ebs or gce on a"
              + " simulated cloud (default: directory).")
  private String type = "directory";

  @Option(
      names = "--lose-catalog",
      description =
          "With ebs or gce: delete the record of the backup, make it anew from the snapshots, and"
              + " restore from that.")
  private boolean loseCatalog;

  @Option(names = "--mongod", paramLabel = "PATH", description = "A real mongod to run.")
  private Optional<Path> mongod = Optional.empty();

  @Option(names = "--mongos", paramLabel = "PATH", description = "A real mongos to run.")
  private Optional<Path> mongos = Optional.empty();

  @Option(
      names = "--simulate",
      paramLabel = "VERSION",
      defaultValue = "4.4",
      description = "Server version to simulate: 4.4, 5.0, 6.0, 7.0 or 8.0 (default: 4.4).")
  private String simulate = "4.4";

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where to put data and logs (default: a new temporary directory).")
  private Optional<Path> directory = Optional.empty();

  @Option(
      names = "--ui",
      description = "Run a Temporal server with its web UI, by the program 'temporal'.")
  private boolean ui;

  @Option(names = "--keep", description = "Leave data and logs when it is over.")
  private boolean keep;

  private static final List<String> VERSIONS = List.of("4.4", "5.0", "6.0", "7.0", "8.0");

  DemoCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    boolean json = "json".equals(String.valueOf(inherited("--output")));
    PrintStream story = json ? context.err() : context.out();
    DemoOptions options =
        new DemoOptions(
            replicaSet,
            authentication,
            tls,
            type(),
            loseCatalog(),
            programs(),
            temporal(),
            ui(),
            makeDirectory(),
            keep || directory.isPresent());
    Narrator narrator = new Narrator(story);
    Closing closing = new Closing();
    Thread onInterrupt = new Thread(() -> end(closing, options), "end of the demo");
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    DemoReport report;
    try {
      report = new DemoStory(options, narrator, closing).tell();
    } catch (DemoException e) {
      throw new StillpointException(
          ErrorCode.INTERNAL,
          e.getMessage(),
          "run it again with --keep and read the logs under " + options.directory(),
          e);
    } finally {
      end(closing, options);
      Runtime.getRuntime().removeShutdownHook(onInterrupt);
    }
    narrator.chapter(
        report.identical()
            ? "IDENTICAL: the restored cluster holds exactly what it held at "
                + report.consistentPoint()
            : "DIFFERENT: the restored cluster is not what it was at " + report.consistentPoint());
    if (json) {
      context.out().println(toJson(report));
    }
    return report.identical() ? 0 : 1;
  }

  private static String toJson(DemoReport report) throws JsonProcessingException {
    return new ObjectMapper().writeValueAsString(report);
  }

  private SnapshotType type() {
    return switch (type) {
      case "directory" -> SnapshotType.DIRECTORY;
      case "ebs" -> SnapshotType.EBS;
      case "gce" -> SnapshotType.GCE;
      case "command" -> SnapshotType.COMMAND;
      default -> throw usage("type '%s' is none of directory, command, ebs, gce".formatted(type));
    };
  }

  private boolean loseCatalog() {
    if (loseCatalog && !type().inCloud()) {
      throw usage("--lose-catalog needs --type ebs or gce");
    }
    return loseCatalog;
  }

  private ServerPrograms programs() {
    if (mongod.isEmpty()) {
      if (mongos.isPresent()) {
        throw usage("--mongos is given without --mongod");
      }
      if (!VERSIONS.contains(simulate)) {
        throw usage("version '%s' is none of %s".formatted(simulate, String.join(", ", VERSIONS)));
      }
      return ServerPrograms.simulated(simulate);
    }
    if (mongos.isEmpty() && !replicaSet) {
      throw usage("a sharded cluster of real servers needs --mongos too");
    }
    requireProgram(mongod.get());
    mongos.ifPresent(this::requireProgram);
    return ServerPrograms.real(
        mongod.get().toAbsolutePath(), mongos.orElse(mongod.get()).toAbsolutePath());
  }

  private void requireProgram(Path program) {
    if (!Files.isExecutable(program)) {
      throw usage("%s is not a program that can be run".formatted(program));
    }
    if (!says(program, "version")) {
      throw usage("%s --version does not answer as a MongoDB server does".formatted(program));
    }
  }

  private static boolean says(Path program, String word) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      try (InputStream output = process.getInputStream()) {
        return new String(output.readAllBytes(), StandardCharsets.UTF_8).contains(word);
      }
    } catch (IOException e) {
      return false;
    }
  }

  private StillpointException usage(String message) {
    return new StillpointException(ErrorCode.BAD_INPUT, message, "see: stillpoint demo --help");
  }

  private boolean ui() {
    if (ui && temporal().isPresent()) {
      throw usage("--ui starts a Temporal server, but --temporal names one");
    }
    if (ui && DevServer.installed().isEmpty()) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "--ui needs the program 'temporal', but it is neither on the PATH nor in ~/go/bin",
          "install it from https://docs.temporal.io/cli, or leave --ui out");
    }
    return ui;
  }

  private Optional<String> temporal() {
    Object value = inherited("--temporal");
    return value instanceof Optional<?> given ? given.map(Object::toString) : Optional.empty();
  }

  /** The value of an option of the root command. */
  private Object inherited(String name) {
    return spec.root().findOption(name).getValue();
  }

  private Path makeDirectory() throws IOException {
    if (directory.isPresent()) {
      Path given = directory.get().toAbsolutePath();
      try {
        if (Files.exists(given) && isNotEmpty(given)) {
          throw usage("%s is not empty".formatted(given));
        }
        return Files.createDirectories(given);
      } catch (IOException e) {
        throw usage("%s cannot be used as a directory: %s".formatted(given, e));
      }
    }
    return Files.createTempDirectory("stillpoint-demo-");
  }

  private static boolean isNotEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isPresent();
    }
  }

  private static void end(Closing closing, DemoOptions options) {
    closing.close();
    if (options.keep()) {
      return;
    }
    try (Stream<Path> all = Files.walk(options.directory())) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      System.err.println("could not remove " + options.directory() + ": " + e);
    }
  }
}
