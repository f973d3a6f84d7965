package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.FileName;
import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A catalog in one directory that all workers and agents see (a local disk for one host, else a
 * network file system): {@code <root>/<backup>/manifest.json}, file lists and parts beside it.
 */
public final class DirectoryCatalog implements BackupCatalog {

  private static final String DELETED = ".deleted-";

  private final Path root;
  private final Clock clock;
  private final OperationStore operations;
  private final DirectoryFileLists lists;

  /**
   * @param root is created if it does not exist
   */
  public DirectoryCatalog(Path root, Clock clock) {
    this.root = root.toAbsolutePath().normalize();
    this.clock = clock;
    this.operations = new OperationStore(this.root);
    this.lists = new DirectoryFileLists(this.root);
  }

  /** The file lists that are kept beside the manifests. */
  public FileLists fileLists() {
    return lists;
  }

  @Override
  public void begin(BeginRequest request) {
    Path directory = directory(request.backup());
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT_VERSION,
            request.backup(),
            request.cluster(),
            "",
            false,
            request.type(),
            OperationStatus.RUNNING,
            request.owner(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS),
            Optional.empty(),
            Optional.empty(),
            0,
            BalancerSettings.NONE,
            List.of(),
            request.tags(),
            List.of(),
            "");
    if (!ManifestStore.create(directory, manifest)) {
      owned(request.backup(), request.owner());
    }
  }

  @Override
  public BackupSummary complete(CompleteRequest request) {
    Manifest begun = owned(request.backup(), request.owner());
    Path directory = directory(request.backup());
    if (begun.status() == OperationStatus.COMPLETED) {
      sweep(directory, begun);
      return BackupSummary.of(begun);
    }
    if (begun.status() != OperationStatus.RUNNING) {
      throw new StillpointException(
          ErrorCode.BACKUP_NOT_COMPLETE,
          "backup %s has ended as %s and cannot become COMPLETED: %s"
              .formatted(begun.backup(), begun.status(), begun.failure()),
          "start a new backup");
    }
    List<ManifestSet> sets =
        new Completion(begun, request).sets(PartStore.ofAttempt(directory, request.attempt()));
    sets.forEach(set -> lists.verify(request.backup(), set.files()));
    Manifest completed =
        new Manifest(
            Manifest.FORMAT_VERSION,
            begun.backup(),
            begun.cluster(),
            request.clusterId(),
            request.sharded(),
            begun.type(),
            OperationStatus.COMPLETED,
            begun.owner(),
            begun.startedAt(),
            Optional.of(clock.instant().truncatedTo(ChronoUnit.MILLIS)),
            Optional.of(request.point()),
            request.cursorWindowMillis(),
            request.balancer(),
            sets,
            begun.tags(),
            request.warnings(),
            "");
    ManifestStore.replace(directory, completed);
    sweep(directory, completed);
    return BackupSummary.of(completed);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The owner may also end what was COMPLETED: an operation that never heard of its success is
   * about to delete the snapshots. FAILED and CANCELLED are final. Without a manifest nothing is to
   * be ended.
   */
  @Override
  public void end(String backup, String owner, OperationStatus status, String failure) {
    if (status != OperationStatus.FAILED && status != OperationStatus.CANCELLED) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT, "a backup cannot be ended as " + status, "use FAILED or CANCELLED");
    }
    Path directory = directory(backup);
    if (ManifestStore.read(directory).isEmpty()) {
      return;
    }
    Manifest begun = owned(backup, owner);
    if (begun.status() == OperationStatus.RUNNING || begun.status() == OperationStatus.COMPLETED) {
      begun =
          new Manifest(
              begun.formatVersion(),
              begun.backup(),
              begun.cluster(),
              begun.clusterId(),
              begun.sharded(),
              begun.type(),
              status,
              begun.owner(),
              begun.startedAt(),
              Optional.of(clock.instant().truncatedTo(ChronoUnit.MILLIS)),
              begun.consistentPoint(),
              begun.cursorWindowMillis(),
              begun.balancer(),
              List.of(),
              begun.tags(),
              begun.warnings(),
              failure);
      ManifestStore.replace(directory, begun);
    }
    sweep(directory, begun);
  }

  @Override
  public Manifest read(String backup) {
    return ManifestStore.read(directory(backup))
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.BACKUP_UNKNOWN,
                    "backup '%s' is not in the catalog %s".formatted(backup, root),
                    "see which there are: stillpoint list"));
  }

  @Override
  public List<BackupSummary> list(Optional<String> cluster, int limit) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> directories = Files.list(root)) {
      return directories
          .filter(d -> !d.getFileName().toString().startsWith("."))
          .filter(Files::isDirectory)
          .map(ManifestStore::summary)
          .flatMap(Optional::stream)
          // A manifest too damaged to name its cluster is everybody's concern.
          .filter(
              s -> cluster.isEmpty() || s.cluster().isEmpty() || s.cluster().equals(cluster.get()))
          .sorted(
              Comparator.comparing(BackupSummary::startedAt)
                  .reversed()
                  .thenComparing(BackupSummary::backup))
          .limit(limit)
          .toList();
    } catch (IOException e) {
      throw CatalogErrors.unwritable(root, e);
    }
  }

  @Override
  public void delete(String backup) {
    Path directory = directory(backup);
    String prefix = DELETED + backup + "-";
    try {
      if (Files.isDirectory(directory)) {
        // One step: a reader sees the backup whole or not at all.
        Path aside = root.resolve(prefix + UUID.randomUUID());
        Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.syncDirectory(root);
      }
      if (Files.isDirectory(root)) {
        remove(root, file -> file.getFileName().toString().startsWith(prefix));
      }
    } catch (IOException e) {
      throw CatalogErrors.unwritable(directory, e);
    }
  }

  @Override
  public void savePart(String backup, int attempt, ManifestSet part) {
    Manifest manifest = read(backup);
    if (manifest.status() != OperationStatus.RUNNING) {
      throw new StillpointException(
          ErrorCode.BACKUP_NOT_COMPLETE,
          "backup %s has ended as %s and takes no more parts".formatted(backup, manifest.status()),
          "start a new backup");
    }
    PartStore.save(directory(backup), attempt, part);
  }

  @Override
  public List<ManifestSet> parts(String backup, int attempt) {
    return PartStore.ofAttempt(directory(backup), attempt);
  }

  @Override
  public Optional<ManifestSet> latestPart(String backup, String set) {
    return read(backup).set(set).or(() -> PartStore.latest(directory(backup), set));
  }

  @Override
  public OperationRecord saveOperation(OperationRecord operation) {
    return operations.save(operation);
  }

  @Override
  public Optional<OperationRecord> readOperation(String cluster, String operation) {
    return operations.read(cluster, operation);
  }

  @Override
  public List<OperationRecord> operations(String cluster) {
    return operations.list(cluster);
  }

  @Override
  public void forgetOperation(String cluster, String operation) {
    operations.forget(cluster, operation);
  }

  private Path directory(String backup) {
    return root.resolve(FileName.require("backup", backup));
  }

  private Manifest owned(String backup, String owner) {
    Manifest manifest = read(backup);
    if (!manifest.owner().equals(owner)) {
      throw CatalogErrors.foreign(backup, manifest.owner(), owner);
    }
    return manifest;
  }

  /** Removes parts, and lists that the manifest does not name. */
  private void sweep(Path directory, Manifest manifest) {
    Set<String> named =
        manifest.sets().stream().map(set -> set.files().name()).collect(Collectors.toSet());
    try {
      remove(
          directory,
          file -> {
            String name = file.getFileName().toString();
            return PartStore.isPart(file)
                || name.endsWith(DirectoryFileLists.SUFFIX) && !named.contains(name);
          });
    } catch (IOException e) {
      throw CatalogErrors.unwritable(directory, e);
    }
  }

  private static void remove(Path directory, Predicate<Path> which) throws IOException {
    GuardedDirectory guarded = new GuardedDirectory(directory);
    List<Path> found;
    try (Stream<Path> entries = Files.list(directory)) {
      found = entries.filter(which).toList();
    }
    for (Path path : found) {
      guarded.delete(path);
    }
  }
}
