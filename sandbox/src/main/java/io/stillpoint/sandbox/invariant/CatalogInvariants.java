package io.stillpoint.sandbox.invariant;

import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.directory.SnapshotMarker;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What must hold between a catalog and the snapshots once every operation has ended. */
public final class CatalogInvariants {

  private static final int MANY = 1000;

  private final List<String> clusters;
  private final Path catalog;
  private final Path snapshots;

  /**
   * @param clusters all that share the snapshot root, as the catalog knows them
   * @param catalog directory of the manifests
   * @param snapshots the node agents' snapshot root
   */
  public CatalogInvariants(List<String> clusters, Path catalog, Path snapshots) {
    this.clusters = List.copyOf(clusters);
    this.catalog = catalog;
    this.snapshots = snapshots;
  }

  /** What is wrong, one sentence each; empty is right. */
  public List<String> violations() {
    List<String> wrong = new ArrayList<>();
    DirectoryCatalog records = new DirectoryCatalog(catalog, Clock.systemUTC());
    Set<Path> recorded = new HashSet<>();
    clusters.forEach(cluster -> cluster(records, cluster, recorded, wrong));
    for (Path backup : children(snapshots)) {
      for (Path snapshot : children(backup)) {
        if (!recorded.contains(snapshot)) {
          wrong.add("no manifest records snapshot " + snapshot);
        }
      }
    }
    return wrong;
  }

  private static void cluster(
      DirectoryCatalog records, String name, Set<Path> recorded, List<String> wrong) {
    records
        .operations(name)
        .forEach(o -> wrong.add("operation %s was never forgotten".formatted(o.operation())));
    for (BackupSummary backup : records.list(Optional.of(name), MANY)) {
      if (!backup.status().isFinal()) {
        wrong.add("backup %s is still %s".formatted(backup.backup(), backup.status()));
      }
      if (backup.status() == OperationStatus.COMPLETED) {
        completed(records.read(backup.backup()), recorded, wrong);
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

  static List<Path> children(Path directory) {
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
}
