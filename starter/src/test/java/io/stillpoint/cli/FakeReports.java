package io.stillpoint.cli;

import io.stillpoint.activity.InventoryActivities.FoundBackup;
import io.stillpoint.activity.InventoryActivities.Orphan;
import io.stillpoint.activity.InventoryActivities.Outcome;
import io.stillpoint.activity.InventoryActivities.RebuildReport;
import io.stillpoint.activity.RecoveryActivities.Unfinished;
import io.stillpoint.catalog.PruneOrphansWorkflow;
import io.stillpoint.catalog.RebuildCatalogWorkflow;
import io.stillpoint.check.CheckItem;
import io.stillpoint.check.CheckReport;
import io.stillpoint.check.CheckWorkflow;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Inputs;
import io.stillpoint.recover.Finding;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.recover.RecoverClusterWorkflow;
import io.stillpoint.recover.UnfinishedOperationsWorkflow;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Workflows that look at a cluster and tell, each with something to tell. */
final class FakeReports {
  static final Class<?>[] WORKFLOWS = {
    Checking.class, Recovering.class, Orphans.class, Rebuilding.class, HalfDone.class
  };

  private FakeReports() {}

  public static final class Checking implements CheckWorkflow {
    @Override
    public CheckReport check(Object request) {
      return new CheckReport(
          "shop",
          false,
          List.of(
              CheckItem.notOk(
                  "agent",
                  "db1:27017",
                  ErrorCode.AGENT_UNREACHABLE,
                  "no node agent serves db1:27017",
                  "start it")));
    }
  }

  /** A restore of shop that ended half done, and a backup of sharded that left its balancer. */
  public static final class HalfDone implements UnfinishedOperationsWorkflow {
    @Override
    public List<Unfinished> unfinished(Object typed) {
      UnfinishedRequest request = Inputs.read(typed, UnfinishedRequest.class, "the input", "{}");
      return Stream.of(
              new Unfinished("shop", "restore/half", "half"),
              new Unfinished("sharded", "backup/dead", ""))
          .filter(u -> request.cluster().isEmpty() || request.cluster().get().equals(u.cluster()))
          .toList();
    }
  }

  public static final class Recovering implements RecoverClusterWorkflow {
    @Override
    public RecoverClusterResult recover(Object request) {
      return new RecoverClusterResult("shop", false, findings());
    }

    @Override
    public List<Finding> findings() {
      return List.of(
          new Finding(
              Finding.Kind.CURSOR,
              "db1:27017",
              "a backup cursor of a dead backup",
              "closed",
              Finding.Outcome.MENDED));
    }
  }

  public static final class Orphans implements PruneOrphansWorkflow {
    @Override
    public OrphansResult prune(Object request) {
      return new OrphansResult(
          "shop",
          List.of(
              new Orphan(
                  SnapshotType.EBS,
                  "snap-1",
                  "shop-0",
                  "rs0",
                  1,
                  "vol-1",
                  Instant.parse("2026-11-20T10:00:00Z"),
                  3L << 20,
                  "the catalog has no backup shop-0",
                  "snapshot")),
          List.of("snap-1"),
          0,
          List.of("shop-9: it runs"));
    }
  }

  public static final class Rebuilding implements RebuildCatalogWorkflow {
    @Override
    public RebuildReport rebuild(Object request) {
      return new RebuildReport(
          List.of(new FoundBackup("shop-0", SnapshotType.EBS, Outcome.values()[0], "")), 0);
    }
  }
}
