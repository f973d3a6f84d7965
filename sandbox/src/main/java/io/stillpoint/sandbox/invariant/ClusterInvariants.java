package io.stillpoint.sandbox.invariant;

import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.directory.SnapshotMarker;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  private static final int MANY = 1000;

  private final LocalCluster cluster;
  private final String name;
  private final Path catalog;
  private final Path snapshots;
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
    this.name = name;
    this.catalog = catalog;
    this.snapshots = snapshots;
    this.balancerBefore = balancer();
  }

  /** What is wrong, one sentence each; empty is right. */
  public List<String> violations() {
    List<String> wrong = new ArrayList<>();
    cluster.members().forEach(m -> member(m, wrong));
    if (wrong.isEmpty() && !balancer().equals(balancerBefore)) {
      wrong.add("the balancer is %s, but was %s".formatted(balancer(), balancerBefore));
    }
    records(wrong);
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
    for (Path restore : children(member.dbPath().resolve(".stillpoint"))) {
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

  private void records(List<String> wrong) {
    DirectoryCatalog records = new DirectoryCatalog(catalog, Clock.systemUTC());
    records
        .operations(name)
        .forEach(o -> wrong.add("operation %s was never forgotten".formatted(o.operation())));
    Set<Path> recorded = new HashSet<>();
    for (BackupSummary backup : records.list(Optional.of(name), MANY)) {
      if (!backup.status().isFinal()) {
        wrong.add("backup %s is still %s".formatted(backup.backup(), backup.status()));
      }
      if (backup.status() == OperationStatus.COMPLETED) {
        completed(records.read(backup.backup()), recorded, wrong);
      }
    }
    for (Path backup : children(snapshots)) {
      for (Path snapshot : children(backup)) {
        if (!recorded.contains(snapshot)) {
          wrong.add("no manifest records snapshot " + snapshot);
        }
      }
    }
  }

  private static void completed(Manifest manifest, Set<Path> recorded, List<String> wrong) {
    if (manifest.type() != SnapshotType.DIRECTORY) {
      return;
    }
    manifest
        .sets()
        .forEach(
            set -> {
              if (set.snapshots().size() != 1) {
                wrong.add(
                    "backup %s records %d snapshots of %s"
                        .formatted(manifest.backup(), set.snapshots().size(), set.set()));
              }
              for (SnapshotRef snapshot : set.snapshots()) {
                Path path = Path.of(snapshot.id());
                recorded.add(path);
                boolean whole =
                    SnapshotMarker.read(path)
                        .filter(m -> m.status() == SnapshotMarker.Status.COMPLETE)
                        .filter(m -> m.cursorBackupId().equals(set.cursorBackupId()))
                        .isPresent();
                if (!whole) {
                  wrong.add(
                      "snapshot %s is not complete, or of another cursor than its manifest says"
                          .formatted(path));
                }
              }
            });
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

  private static List<Path> children(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(p -> Files.isDirectory(p) && !p.getFileName().toString().equals(".locks"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
