package io.stillpoint.sandbox.invariant;

import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * Looks at real processes and real files after every operation has ended, and says what is not as
 * it must be. It asks the servers and the disk, never Stillpoint's workflows.
 */
public final class ClusterInvariants {

  private final LocalCluster cluster;
  private final CatalogInvariants records;
  private final String balancerBefore;

  /**
   * To be made before the first operation: the balancer is compared with what it is now.
   *
   * @param name the cluster's, as the catalog knows it
   * @param catalog directory of the manifests
   * @param snapshots the node agents' snapshot root
   */
  public ClusterInvariants(LocalCluster cluster, String name, Path catalog, Path snapshots) {
    this.cluster = cluster;
    this.records = new CatalogInvariants(List.of(name), catalog, snapshots);
    this.balancerBefore = balancer();
  }

  /** What is wrong, one sentence each; empty is right. */
  public List<String> violations() {
    List<String> wrong = new ArrayList<>();
    cluster.members().forEach(m -> member(m, wrong));
    if (wrong.isEmpty() && !balancer().equals(balancerBefore)) {
      wrong.add("the balancer is %s, but was %s".formatted(balancer(), balancerBefore));
    }
    wrong.addAll(records.violations());
    return wrong;
  }

  /**
   * Files that hold one of the secrets.
   *
   * @param places files, and directories that are searched whole
   */
  public static List<String> leaks(List<String> secrets, List<Path> places) {
    List<String> found = new ArrayList<>();
    for (Path place : places) {
      for (Path file : files(place)) {
        String text = read(file);
        secrets.stream()
            .filter(text::contains)
            .forEach(s -> found.add("%s holds the secret '%s…'".formatted(file, s.charAt(0))));
      }
    }
    return found;
  }

  private void member(LocalServer member, List<String> wrong) {
    Optional<ProcessHandle> process = member.running();
    if (process.isEmpty()) {
      wrong.add(member + " does not run");
      return;
    }
    ProcessHandle.allProcesses()
        .filter(p -> p.pid() != process.get().pid() && worksOn(p, member.dbPath()))
        .forEach(
            p ->
                wrong.add(
                    "process %d works on the data of %s beside its server"
                        .formatted(p.pid(), member)));
    BsonDocument status = member.run("admin", new BsonDocument("serverStatus", new BsonInt32(1)));
    if (status
        .getDocument("storageEngine")
        .getBoolean("backupCursorOpen", BsonBoolean.FALSE)
        .getValue()) {
      wrong.add("a backup cursor is open on " + member);
    }
    for (Path restore : CatalogInvariants.children(member.dbPath().resolve(".stillpoint"))) {
      for (String part : List.of("stage", "old", "discard")) {
        if (Files.exists(restore.resolve(part))) {
          wrong.add("%s is left on %s".formatted(restore.resolve(part), member));
        }
      }
    }
  }

  /**
   * The interpreter of a server's start script names the directory too, so the file must be open.
   */
  private static boolean worksOn(ProcessHandle process, Path dbPath) {
    return process
        .info()
        .arguments()
        .map(a -> List.of(a).contains(dbPath.toString()))
        .orElse(false);
  }

  private String balancer() {
    if (cluster.mongos().isEmpty()) {
      return "none";
    }
    BsonDocument reply =
        cluster
            .mongos()
            .get()
            .run(
                "config",
                new BsonDocument("find", new BsonString("settings"))
                    .append(
                        "filter",
                        new BsonDocument(
                            "_id",
                            new BsonDocument(
                                "$in",
                                new BsonArray(
                                    List.of(
                                        new BsonString("balancer"), new BsonString("autosplit"))))))
                    .append("sort", new BsonDocument("_id", new BsonInt32(1))));
    return reply.getDocument("cursor").getArray("firstBatch").toString();
  }

  private static List<Path> files(Path place) {
    try (Stream<Path> all = Files.walk(place)) {
      return all.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
