package io.stillpoint.sandbox.bench;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.RestoreOperation;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.demo.DemoWorkers;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A cluster, two control workers and a node agent, all as processes, and a client. */
final class BenchCluster implements AutoCloseable {

  private static final Duration END = Duration.ofMinutes(4);

  private final LocalCluster cluster;
  private final DemoWorkers workers;
  private final StillpointClient client;
  private final WorkflowServiceStubs stubs;
  private int number;

  /**
   * @param settings lines of the workers' configuration, below {@code stillpoint}
   */
  BenchCluster(Path directory, ClusterSpec spec, String temporal, String settings) {
    cluster = LocalCluster.start(spec);
    try {
      workers = new DemoWorkers(directory.resolve("stillpoint"), cluster, settings, temporal);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
    client =
        StillpointClient.connect(new ConnectionOptions(Optional.of(temporal), Optional.empty()));
    stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(temporal).build());
  }

  LocalCluster servers() {
    return cluster;
  }

  DemoWorkers workers() {
    return workers;
  }

  BackupOperation startBackup(String prefix, SnapshotType type) {
    String name = prefix + "-" + ++number;
    return client.startBackup(BackupRequest.of(DemoWorkers.CLUSTER, name, type));
  }

  RestoreOperation startRestore(String backup) {
    String name = backup + "-restore-" + ++number;
    return client.startRestore(RestoreRequest.of(backup, name, Optional.of(DemoWorkers.CLUSTER)));
  }

  WorkflowHistory backupHistory(String name) {
    return WorkflowHistory.of(stubs, WorkflowIds.backup(name));
  }

  WorkflowHistory restoreHistory(String name) {
    return WorkflowHistory.of(stubs, WorkflowIds.restore(name));
  }

  /** Waits until the copies may begin; a query fails until a worker has begun the workflow. */
  static boolean isReadyToCopy(BackupOperation backup) {
    try {
      BackupPhase phase = backup.describe().phase();
      if (phase == BackupPhase.ENDED || phase == BackupPhase.CLEANING_UP) {
        throw new IllegalStateException("the backup ended: " + backup.describe().failure());
      }
      return phase == BackupPhase.COPYING;
    } catch (StillpointException e) {
      return false;
    }
  }

  /** Says that every copy is made; again where the workflow is not yet waiting for it. */
  static BackupResult finish(BackupOperation backup) throws InterruptedException {
    new Stopwatch().until("the copy to be finished", () -> isFinished(backup));
    return backup.await(END).orElseThrow(() -> new IllegalStateException("it did not end"));
  }

  private static boolean isFinished(BackupOperation backup) {
    try {
      backup.finishCopy(new CopyFinished(Optional.empty(), List.of()));
      return true;
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.NOT_WAITING) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    stubs.shutdownNow();
    client.close();
    workers.close();
    cluster.close();
  }
}
