package io.stillpoint.sim;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.ReplicaSetState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The catalog in memory. */
final class SimulatedCatalog implements CatalogActivities {

  private final World world;
  private final Faults.Gate gate;
  final Map<String, Manifest> manifests = new TreeMap<>();
  final Set<String> inUse = new TreeSet<>();

  SimulatedCatalog(World world, Faults.Gate gate) {
    this.world = world;
    this.gate = gate;
  }

  private <T> T effect(String activity, String key, Supplier<T> action) {
    return gate.pass(
        activity,
        key,
        () -> {
          synchronized (world) {
            return action.get();
          }
        });
  }

  @Override
  public void begin(BeginRequest r) {
    effect(
        "begin",
        r.backup(),
        () -> {
          Manifest there = manifests.get(r.backup());
          if (there != null && !there.owner().equals(r.owner())) {
            throw Failures.of(ErrorCode.BACKUP_EXISTS, "backup exists", "");
          }
          return manifests.putIfAbsent(
              r.backup(), manifest(r.backup(), r.owner(), OperationStatus.RUNNING, List.of(), ""));
        });
  }

  @Override
  public BackupSummary complete(CompleteRequest r) {
    return effect(
        "complete",
        r.backup(),
        () -> {
          Manifest there = manifests.get(r.backup());
          if (!there.owner().equals(r.owner()) || there.status() == OperationStatus.FAILED) {
            throw Failures.of(ErrorCode.BACKUP_NOT_COMPLETE, "it has ended or is another's", "");
          }
          List<ManifestSet> sets =
              world.topology().replicaSets().stream()
                  .map(SimulatedCatalog::set)
                  .map(
                      s ->
                          s.withSnapshots(
                              r.snapshots().stream().filter(n -> n.set().equals(s.set())).toList()))
                  .toList();
          Manifest done = manifest(r.backup(), r.owner(), OperationStatus.COMPLETED, sets, "");
          manifests.put(r.backup(), done);
          return BackupSummary.of(done);
        });
  }

  static ManifestSet set(ReplicaSetState s) {
    return new ManifestSet(
        s.name(),
        s.shardId(),
        s.role(),
        s.members().get(0).address(),
        "4.4.6-8",
        "4.4",
        "/data",
        s.members().stream().map(m -> m.address()).toList(),
        "",
        "",
        "backup-1",
        new ClusterTime(99, 1),
        new ClusterTime(1, 1),
        new ClusterTime(100, 1),
        new ClusterTime(101, 1),
        5,
        false,
        new FileListRef(s.name(), 3, 300, "00"),
        List.of(),
        List.of());
  }

  private static Manifest manifest(
      String backup, String owner, OperationStatus status, List<ManifestSet> sets, String failure) {
    return new Manifest(
        Manifest.FORMAT_VERSION,
        backup,
        World.CLUSTER,
        "abc",
        sets.size() > 1,
        io.stillpoint.model.SnapshotType.DIRECTORY,
        status,
        owner,
        Instant.EPOCH,
        Optional.empty(),
        status == OperationStatus.COMPLETED
            ? Optional.of(new ClusterTime(101, 7))
            : Optional.empty(),
        0,
        new BalancerSettings("{}", "", true),
        sets,
        Map.of(),
        List.of(),
        failure);
  }

  @Override
  public void end(String backup, String owner, OperationStatus status, String failure) {
    effect(
        "end",
        backup,
        () -> {
          Manifest there = manifests.get(backup);
          if (there == null
              || !there.owner().equals(owner)
              || there.status() == OperationStatus.FAILED
              || there.status() == OperationStatus.CANCELLED) {
            return null;
          }
          return manifests.put(backup, manifest(backup, owner, status, List.of(), failure));
        });
  }

  @Override
  public Manifest read(String backup, boolean checkFileLists) {
    return effect(
        "readManifest",
        backup,
        () -> {
          Manifest there = manifests.get(backup);
          if (there == null) {
            throw Failures.of(ErrorCode.BACKUP_UNKNOWN, "no backup '%s'".formatted(backup), "");
          }
          return there;
        });
  }

  @Override
  public Manifest readForUse(String backup, String operation, boolean checkFileLists) {
    return read(backup, checkFileLists);
  }

  @Override
  public List<CatalogEntry> entries(String cluster, int offset, int limit) {
    return effect(
        "entries",
        cluster,
        () ->
            manifests.values().stream()
                .skip(offset)
                .limit(limit)
                .map(
                    m ->
                        new CatalogEntry(
                            m.backup(),
                            state(m.status()),
                            daily(m.backup()),
                            300,
                            inUse.contains(m.backup())))
                .toList());
  }

  /** As if one backup had been made each day, in the order of their names. */
  private long daily(String backup) {
    return List.copyOf(manifests.keySet()).indexOf(backup) * 86_400L;
  }

  private static CatalogEntry.State state(OperationStatus status) {
    return switch (status) {
      case COMPLETED -> CatalogEntry.State.GOOD;
      case RUNNING -> CatalogEntry.State.RUNNING;
      case DELETING -> CatalogEntry.State.DELETING;
      case FAILED, CANCELLED -> CatalogEntry.State.FAILED;
    };
  }

  @Override
  public Manifest beginDelete(String backup) {
    return effect(
        "beginDelete",
        backup,
        () -> {
          Manifest there = manifests.get(backup);
          if (there == null) {
            throw Failures.of(ErrorCode.BACKUP_UNKNOWN, "no backup '%s'".formatted(backup), "");
          }
          if (inUse.contains(backup)) {
            throw Failures.of(ErrorCode.BACKUP_IN_USE, "'%s' is in use".formatted(backup), "");
          }
          Manifest deleting = there.deleting("");
          manifests.put(backup, deleting);
          return deleting;
        });
  }

  @Override
  public List<BackupSummary> list(Optional<String> cluster, int limit) {
    return manifests.values().stream().map(BackupSummary::of).toList();
  }

  @Override
  public List<String> files(String backup, String set, int offset, int limit) {
    return List.of();
  }

  @Override
  public void delete(String backup) {
    effect("deleteManifest", backup, () -> manifests.remove(backup));
  }
}
