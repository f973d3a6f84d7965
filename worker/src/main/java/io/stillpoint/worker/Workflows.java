package io.stillpoint.worker;

import io.stillpoint.backup.SnapshotBackupWorkflow;
import io.stillpoint.backup.SnapshotBackupWorkflowImpl;
import io.stillpoint.catalog.DeleteBackupWorkflowImpl;
import io.stillpoint.catalog.DescribeBackupWorkflowImpl;
import io.stillpoint.catalog.ListBackupsWorkflowImpl;
import io.stillpoint.catalog.ListFilesWorkflowImpl;
import io.stillpoint.lock.ClusterLockWorkflowImpl;
import io.stillpoint.restore.ReleaseOldDataWorkflowImpl;
import io.stillpoint.restore.SnapshotRestoreWorkflow;
import io.stillpoint.restore.SnapshotRestoreWorkflowImpl;
import io.temporal.worker.Worker;

/** All workflow code, in one list. */
final class Workflows {
  private Workflows() {}

  static void register(Worker worker, boolean searchAttributesRegistered) {
    worker.registerWorkflowImplementationTypes(
        ClusterLockWorkflowImpl.class,
        ListBackupsWorkflowImpl.class,
        DescribeBackupWorkflowImpl.class,
        ListFilesWorkflowImpl.class,
        DeleteBackupWorkflowImpl.class,
        ReleaseOldDataWorkflowImpl.class);
    worker.registerWorkflowImplementationFactory(
        SnapshotBackupWorkflow.class,
        () -> new SnapshotBackupWorkflowImpl(searchAttributesRegistered));
    worker.registerWorkflowImplementationFactory(
        SnapshotRestoreWorkflow.class,
        () -> new SnapshotRestoreWorkflowImpl(searchAttributesRegistered));
  }
}
