package io.stillpoint.cli;

import io.stillpoint.catalog.DeleteBackupWorkflow;
import io.stillpoint.catalog.DescribeBackupWorkflow;
import io.stillpoint.catalog.ListBackupsWorkflow;
import io.stillpoint.catalog.ListFilesWorkflow;
import io.stillpoint.check.RequireClusterWorkflow;
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
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.SnapshotCopy;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Inputs;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.retention.PruneRequest;
import io.stillpoint.retention.PruneResult;
import io.stillpoint.retention.PruneWorkflow;
import io.stillpoint.retention.RetentionDecision;
import io.stillpoint.retention.RetentionPlanner;
import io.stillpoint.retention.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The catalog's workflows over a catalog that holds one backup, "good", of 900 files. */
final class FakeCatalog {
  static final int FILES = 900;

  private FakeCatalog() {}

  static final Class<?>[] WORKFLOWS = {
    Listing.class, Describing.class, Files.class, Deleting.class, Pruning.class, Requiring.class
  };

  public static final class Listing implements ListBackupsWorkflow {
    @Override
    public List<BackupSummary> list(Object typed) {
      ListRequest request = Inputs.read(typed, ListRequest.class, "the input", "{}");
      request.cluster().ifPresent(FakeCatalog::requireCluster);
      return switch (request.cluster().orElse("shop")) {
        case "empty" -> List.of();
        case "damaged" -> List.of(unusable("MANIFEST_DAMAGED"), unusable("MANIFEST_VERSION"));
        default -> List.of(FakeBackup.summary("good"));
      };
    }

    /** As a catalog lists a record that it cannot use. */
    private static BackupSummary unusable(String code) {
      return new BackupSummary(
          "bad",
          "damaged",
          SnapshotType.DIRECTORY,
          OperationStatus.FAILED,
          Instant.EPOCH,
          Optional.empty(),
          Optional.empty(),
          0,
          0,
          code + ": manifest cannot be used");
    }
  }

  /** A year of daily backups, decided by the real planner. */
  public static final class Pruning implements PruneWorkflow {
    static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private List<RetentionDecision> decisions = List.of();

    @Override
    public PruneResult prune(Object typed) {
      PruneRequest request = Inputs.read(typed, PruneRequest.class, "the input", "{}");
      RetentionPolicy policy = request.retention().orElseThrow();
      List<CatalogEntry> year =
          IntStream.range(0, 365)
              .mapToObj(day -> NOW.minus(Duration.ofDays(day)).minus(Duration.ofHours(8)))
              .map(
                  at ->
                      new CatalogEntry(
                          WorkflowIds.backupName("shop", at),
                          CatalogEntry.State.GOOD,
                          at.getEpochSecond(),
                          40L << 30,
                          false))
              .toList();
      decisions = RetentionPlanner.plan(policy, year, NOW);
      List<String> gone =
          decisions.stream().filter(d -> !d.keep()).map(d -> d.entry().backup()).toList();
      return new PruneResult(
          request.cluster(),
          policy,
          request.dryRun(),
          decisions.size() - gone.size(),
          gone,
          gone.size() * (40L << 30),
          request.dryRun() ? List.of() : List.of("shop-1: AGENT_UNREACHABLE: gone"),
          0);
    }

    @Override
    public List<RetentionDecision> decisions() {
      return decisions;
    }
  }

  public static final class Describing implements DescribeBackupWorkflow {
    @Override
    public Manifest describe(Object typed) {
      String backup = Inputs.name(typed, "backup", "the name");
      if (backup.equals("failed")) {
        return begun("failed", OperationStatus.FAILED, "NO_SUITABLE_MEMBER: none");
      }
      if (backup.equals("cut-off")) {
        return begun("cut-off", OperationStatus.RUNNING, "");
      }
      require(backup);
      FileListRef files = new FileListRef("rs0-1.files", FILES, 3L << 20, "00");
      ClusterTime point = FakeBackup.POINT;
      ManifestSet set =
          new ManifestSet(
              "rs0",
              "rs0",
              ReplicaSetRole.REPLICA_SET,
              "db1:27017",
              "4.4.6-8",
              "4.4",
              "/data/db",
              List.of("db1:27017"),
              "{}",
              "{}",
              "cursor",
              point,
              point,
              point,
              point,
              0,
              false,
              files,
              List.of(
                  new SnapshotRef(
                      "rs0",
                      "db1:27017",
                      SnapshotType.DIRECTORY,
                      "good/rs0-1",
                      "/data/db",
                      "data",
                      "cursor",
                      3L << 20,
                      true,
                      List.of(new SnapshotCopy("eu-west-1", "snap-2")))),
              List.of("a warning"));
      return new Manifest(
          1,
          backup,
          "shop",
          "",
          false,
          SnapshotType.DIRECTORY,
          OperationStatus.COMPLETED,
          "owner",
          Instant.parse("2026-11-22T10:00:00Z"),
          Optional.of(Instant.parse("2026-11-22T10:15:00Z")),
          Optional.of(point),
          21,
          BalancerSettings.NONE,
          List.of(set),
          Map.of(),
          List.of(),
          "");
    }
  }

  /** It ended before any cursor was opened. */
  private static Manifest begun(String name, OperationStatus status, String failure) {
    return new Manifest(
        1,
        name,
        "shop",
        "",
        false,
        SnapshotType.DIRECTORY,
        status,
        "owner",
        Instant.parse("2026-11-22T10:00:00Z"),
        Optional.empty(),
        Optional.empty(),
        0,
        BalancerSettings.NONE,
        List.of(),
        Map.of(),
        List.of(),
        failure);
  }

  public static final class Files implements ListFilesWorkflow {
    @Override
    public List<String> files(Object typed) {
      FilesRequest request = Inputs.read(typed, FilesRequest.class, "the input", "{}");
      return IntStream.range(0, FILES)
          .skip(request.offset())
          .limit(request.limit())
          .mapToObj(i -> "collection-%d.wt".formatted(i))
          .toList();
    }
  }

  public static final class Deleting implements DeleteBackupWorkflow {
    @Override
    public String delete(Object typed) {
      String backup = Inputs.name(typed, "backup", "the name");
      require(backup);
      return "backup '%s' is deleted".formatted(backup);
    }
  }

  /** As the workers' configuration would. */
  public static final class Requiring implements RequireClusterWorkflow {
    @Override
    public String require(Object typed) {
      return requireCluster(Inputs.name(typed, "cluster", "the name"));
    }
  }

  private static String requireCluster(String cluster) {
    if (cluster.equals("nosuch")) {
      throw Failures.of(
          ErrorCode.CLUSTER_UNKNOWN, "cluster 'nosuch' is not in this worker's configuration", "");
    }
    return cluster;
  }

  private static void require(String backup) {
    if (!backup.equals("good")) {
      throw Failures.of(
          ErrorCode.BACKUP_UNKNOWN,
          "backup '%s' is not in the catalog".formatted(backup),
          "stillpoint list");
    }
  }
}
