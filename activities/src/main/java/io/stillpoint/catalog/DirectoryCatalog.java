package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SeenCatalog;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.FileName;
import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
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
  private static final String USE = ".use";
  private static final String IDENTITY = ".catalog-id";

  private final Path root;
  private final ManifestTransitions transitions;
  private final OperationStore operations;
  private final DirectoryFileLists lists;

  /**
   * @param root is created if it does not exist
   */
  public DirectoryCatalog(Path root, Clock clock) {
    this.root = root.toAbsolutePath().normalize();
    this.transitions = new ManifestTransitions(clock);
    this.operations = new OperationStore(this.root);
    this.lists = new DirectoryFileLists(this.root);
  }

  @Override
  public SeenCatalog requireWritable() {
    try {
      Files.createDirectories(root);
      Path probe = Files.createTempFile(root, ".check-", "");
      Files.delete(probe);
      byte[] fresh = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
      DurableFiles.create(root.resolve(IDENTITY), fresh);
      return seen();
    } catch (IOException e) {
      throw CatalogErrors.unwritable(root, e);
    }
  }

  @Override
  public SeenCatalog seen() {
    try {
      return new SeenCatalog(root.toString(), Files.readString(root.resolve(IDENTITY)).strip(), "");
    } catch (NoSuchFileException e) {
      return new SeenCatalog(root.toString(), "", "");
    } catch (IOException e) {
      throw CatalogErrors.unreadable(root, e);
    }
  }

  /** The file lists that are kept beside the manifests. */
  public FileLists fileLists() {
    return lists;
  }

  @Override
  public void begin(BeginRequest request) {
    Path directory = directory(request.backup());
    if (!ManifestStore.create(directory, transitions.begun(request))) {
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
    Manifest completed =
        transitions.completed(begun, request, PartStore.ofAttempt(directory, request.attempt()));
    completed.sets().forEach(set -> lists.verify(request.backup(), set.files()));
    ManifestStore.replace(directory, completed);
    sweep(directory, completed);
    return BackupSummary.of(completed);
  }

  @Override
  public boolean adopt(Manifest manifest) {
    return ManifestStore.create(directory(manifest.backup()), manifest);
  }

  /** {@inheritDoc} Without a manifest nothing is to be ended. */
  @Override
  public void end(String backup, String owner, OperationStatus status, String failure) {
    ManifestTransitions.requireEnd(status);
    Path directory = directory(backup);
    if (ManifestStore.read(directory).isEmpty()) {
      return;
    }
    Manifest begun = owned(backup, owner);
    Optional<Manifest> ended = transitions.ended(begun, status, failure);
    ended.ifPresent(manifest -> ManifestStore.replace(directory, manifest));
    sweep(directory, ended.orElse(begun));
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
    return listed(cluster).stream().limit(limit).map(ListedBackup::summary).toList();
  }

  @Override
  public List<CatalogEntry> entries(String cluster) {
    return listed(Optional.of(cluster)).stream().map(ListedBackup::entry).toList();
  }

  private List<ListedBackup> listed(Optional<String> cluster) {
    if (Files.notExists(root)) {
      return List.of();
    }
    try (Stream<Path> directories = Files.list(root)) {
      return directories
          .filter(d -> !d.getFileName().toString().startsWith("."))
          .filter(Files::isDirectory)
          .map(ManifestStore::listed)
          .flatMap(Optional::stream)
          .filter(l -> l.concerns(cluster))
          .sorted(ListedBackup.NEWEST_FIRST)
          .toList();
    } catch (IOException e) {
      throw CatalogErrors.unreadable(root, e);
    }
  }

  @Override
  public void use(String backup, String operation) {
    read(backup);
    byte[] content = operation.getBytes(StandardCharsets.UTF_8);
    Path file = directory(backup).resolve(UUID.nameUUIDFromBytes(content) + USE);
    try {
      DurableFiles.create(file, content);
    } catch (IOException e) {
      throw CatalogErrors.unwritable(file, e);
    }
  }

  @Override
  public List<String> users(String backup) {
    Path directory = directory(backup);
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<String> users = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(USE)).sorted().toList()) {
        users.add(Files.readString(file));
      }
      return users;
    } catch (IOException e) {
      throw CatalogErrors.unreadable(directory, e);
    }
  }

  @Override
  public Manifest beginDelete(String backup) {
    Manifest manifest = read(backup);
    Manifest deleting = transitions.deleting(manifest);
    if (!deleting.equals(manifest)) {
      ManifestStore.replace(directory(backup), deleting);
    }
    return deleting;
  }

  @Override
  public void delete(String backup) {
    Path directory = directory(backup);
    String prefix = DELETED + backup + "-";
    try {
      if (!Files.notExists(directory)) {
        // One step: a reader sees the backup whole or not at all.
        Path aside = root.resolve(prefix + UUID.randomUUID());
        Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.syncDirectory(root);
      }
      if (!Files.notExists(root)) {
        remove(root, file -> file.getFileName().toString().startsWith(prefix));
      }
    } catch (IOException e) {
      throw CatalogErrors.unwritable(directory, e);
    }
  }

  @Override
  public void savePart(String backup, int attempt, ManifestSet part) {
    ManifestTransitions.requireRunning(read(backup));
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
  public void saveProof(CopyProof proof) {
    ManifestTransitions.requireRunning(read(proof.backup()));
    ProofStore.save(directory(proof.backup()), proof);
  }

  @Override
  public Optional<CopyProof> proof(String backup, int attempt) {
    return ProofStore.read(directory(backup), attempt);
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
  public List<OperationRecord> operations() {
    return operations.list();
  }

  @Override
  public void forgetOperation(String cluster, String operation) {
    operations.forget(cluster, operation);
  }

  private Path directory(String backup) {
    return root.resolve(FileName.require("backup", backup));
  }

  private Manifest owned(String backup, String owner) {
    return ManifestTransitions.owned(read(backup), owner);
  }

  /** Removes parts, proofs, and lists that the manifest does not name. */
  private void sweep(Path directory, Manifest manifest) {
    Set<String> named =
        manifest.sets().stream().map(set -> set.files().name()).collect(Collectors.toSet());
    try {
      remove(
          directory,
          file -> {
            String name = file.getFileName().toString();
            return PartStore.isPart(file)
                || ProofStore.isProof(file)
                || name.endsWith(ListText.SUFFIX) && !named.contains(name);
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
