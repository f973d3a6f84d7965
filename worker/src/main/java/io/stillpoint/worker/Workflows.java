package io.stillpoint.worker;

import io.stillpoint.backup.SnapshotBackupWorkflow;
import io.stillpoint.backup.SnapshotBackupWorkflowImpl;
import io.stillpoint.catalog.DeleteBackupWorkflowImpl;
import io.stillpoint.catalog.DescribeBackupWorkflowImpl;
import io.stillpoint.catalog.ListBackupsWorkflowImpl;
import io.stillpoint.catalog.ListFilesWorkflowImpl;
import io.stillpoint.catalog.PruneOrphansWorkflowImpl;
import io.stillpoint.catalog.RebuildCatalogWorkflowImpl;
import io.stillpoint.check.CheckWorkflowImpl;
import io.stillpoint.check.RequireClusterWorkflowImpl;
import io.stillpoint.lock.ClusterLockWorkflowImpl;
import io.stillpoint.recover.RecoverClusterWorkflowImpl;
import io.stillpoint.recover.UnfinishedOperationsWorkflowImpl;
import io.stillpoint.restore.ReleaseOldDataWorkflowImpl;
import io.stillpoint.restore.SnapshotRestoreWorkflow;
import io.stillpoint.restore.SnapshotRestoreWorkflowImpl;
import io.stillpoint.retention.ConfiguredRetention;
import io.stillpoint.retention.PruneWorkflow;
import io.stillpoint.retention.PruneWorkflowImpl;
import io.temporal.worker.Worker;
import java.util.List;

/** All workflow code, in one list. */
final class Workflows {
  private Workflows() {}

  static void register(
      Worker worker,
      boolean searchAttributesRegistered,
      ConfiguredRetention retention,
      List<String> webhooks) {
    worker.registerWorkflowImplementationTypes(
        ClusterLockWorkflowImpl.class,
        CheckWorkflowImpl.class,
        RequireClusterWorkflowImpl.class,
        ListBackupsWorkflowImpl.class,
        DescribeBackupWorkflowImpl.class,
        ListFilesWorkflowImpl.class,
        DeleteBackupWorkflowImpl.class,
        RebuildCatalogWorkflowImpl.class,
        PruneOrphansWorkflowImpl.class,
        ReleaseOldDataWorkflowImpl.class,
        RecoverClusterWorkflowImpl.class,
        UnfinishedOperationsWorkflowImpl.class);
    worker.registerWorkflowImplementationFactory(
        SnapshotBackupWorkflow.class,
        () -> new SnapshotBackupWorkflowImpl(searchAttributesRegistered, retention, webhooks));
    worker.registerWorkflowImplementationFactory(
        PruneWorkflow.class, () -> new PruneWorkflowImpl(retention));
    worker.registerWorkflowImplementationFactory(
        SnapshotRestoreWorkflow.class,
        () -> new SnapshotRestoreWorkflowImpl(searchAttributesRegistered));
  }
}
