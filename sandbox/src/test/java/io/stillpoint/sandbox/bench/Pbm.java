package io.stillpoint.sandbox.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Percona Backup for MongoDB on a cluster: its agents as processes, and its command line. */
final class Pbm implements AutoCloseable {

  private static final int COMMAND_MINUTES = 4;

  private final Path programs;
  private final Path directory;
  private final LocalCluster cluster;
  private final List<Process> agents = new ArrayList<>();
  private final ObjectMapper mapper = new ObjectMapper();

  /**
   * Configures it and starts an agent beside every mongod.
   *
   * @param programs the directory of {@code pbm} and {@code pbm-agent}
   */
  Pbm(Path programs, Path directory, LocalCluster cluster)
      throws IOException, InterruptedException {
    this.programs = programs.toAbsolutePath();
    this.directory = Files.createDirectories(directory);
    this.cluster = cluster;
    Files.createDirectories(directory.resolve("storage"));
    Files.writeString(
        configuration(),
        """
        storage:
          type: filesystem
          filesystem:
            path: "%s"
        restore:
          mongodLocation: "%s"
        """
            .formatted(directory.resolve("storage"), cluster.spec().programs().mongod()));
    startAgents();
    run("config", "--file", configuration().toString());
    new Stopwatch().until("PBM's agents to be well", this::areAgentsWell);
  }

  private Path configuration() {
    return directory.resolve("pbm.yaml");
  }

  private void startAgents() throws IOException {
    for (LocalServer member : cluster.members()) {
      agents.add(
          new ProcessBuilder(
                  programs.resolve("pbm-agent").toString(),
                  "--mongodb-uri",
                  "mongodb://" + member.address() + "/")
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(
                      directory.resolve("agent-" + member.name() + ".log").toFile()))
              .start());
    }
  }

  private boolean areAgentsWell() {
    try {
      int well = 0;
      for (JsonNode set : json("status", "-s", "cluster").path("cluster")) {
        for (JsonNode node : set.path("nodes")) {
          well += node.path("ok").asBoolean() ? 1 : 0;
        }
      }
      return well == cluster.members().size();
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  String version() throws IOException, InterruptedException {
    return execute(List.of(programs.resolve("pbm").toString(), "version", "--short")).strip();
  }

  /** Returns the backup's name as soon as the files can be copied. */
  String prepare() throws IOException, InterruptedException {
    // As JSON the command would return at once.
    String said = execute(withConnection(List.of("backup", "--type", "external")));
    Matcher name = Pattern.compile("Starting backup '([^']+)'").matcher(said);
    if (!name.find() || !said.contains("Ready to copy")) {
      throw new IOException("PBM is not ready for a copy, but says: " + said);
    }
    return name.group(1);
  }

  /** The members whose files are to be copied. */
  List<String> sources(String backup) throws IOException, InterruptedException {
    List<String> nodes = new ArrayList<>();
    for (JsonNode set : json("describe-backup", backup).path("replsets")) {
      nodes.add(set.path("node").asText());
    }
    return nodes;
  }

  /** Says that the copy is made, and waits until PBM has completed the backup and is idle. */
  void finish(String backup) throws IOException, InterruptedException {
    run("backup-finish", backup);
    awaitStatus("done", "describe-backup", backup);
    // The locks go after the backup is done, and nothing else can begin before.
    while (json("status", "-s", "running").path("running").has("type")) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /**
   * Returns the restore's name once the files can be copied back: all servers are down then. Of
   * which backup they are PBM learns from the files; told the backup's name it looks for a list of
   * them in its storage, where an external backup has none.
   */
  String prepareRestore() throws IOException, InterruptedException {
    String name = json("restore", "--external").path("name").asText();
    awaitStatus("copyReady", "describe-restore", name, "-c", configuration().toString());
    return name;
  }

  /** Waits until PBM is done; it leaves the start of the servers to its user. */
  void finishRestore(String restore) throws IOException, InterruptedException {
    run("restore-finish", restore, "-c", configuration().toString());
    awaitStatus("done", "describe-restore", restore, "-c", configuration().toString());
  }

  private void awaitStatus(String wanted, String... command)
      throws IOException, InterruptedException {
    String status = "";
    Stopwatch watch = new Stopwatch();
    while (!status.equals(wanted)) {
      if (status.equals("error") || watch.seconds() > COMMAND_MINUTES * 60) {
        throw new IOException(
            "%s is '%s' and not '%s'".formatted(List.of(command), status, wanted));
      }
      TimeUnit.MILLISECONDS.sleep(200);
      status = status(command);
    }
  }

  /** There is nothing to describe before the agents have taken the command. */
  private String status(String... command) throws InterruptedException {
    try {
      return json(command).path("status").asText();
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
  }

  private void run(String... command) throws IOException, InterruptedException {
    execute(withConnection(List.of(command)));
  }

  private JsonNode json(String... command) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of("--out", "json"));
    return mapper.readTree(execute(withConnection(all)));
  }

  private List<String> withConnection(List<String> command) {
    List<String> all = new ArrayList<>(List.of(programs.resolve("pbm").toString()));
    all.addAll(command);
    all.addAll(List.of("--mongodb-uri", cluster.configServer().uri()));
    return all;
  }

  /** What the command wrote; its complaints go into the exception. */
  private String execute(List<String> command) throws IOException, InterruptedException {
    Path errors = Files.createTempFile(directory, "pbm", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(COMMAND_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(
            "%s failed: %s %s".formatted(command, out, Files.readString(errors)).strip());
      }
      return out;
    } finally {
      Files.delete(errors);
    }
  }

  @Override
  public void close() {
    agents.forEach(a -> a.destroyForcibly().onExit().join());
  }
}
