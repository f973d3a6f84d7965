package io.stillpoint.sim;

import io.stillpoint.activity.NotificationActivities;
import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.backup.SnapshotBackupWorkflow;
import io.stillpoint.backup.SnapshotBackupWorkflowImpl;
import io.stillpoint.catalog.DeleteBackupWorkflowImpl;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.lock.ClusterLockWorkflowImpl;
import io.stillpoint.lock.ResetFence;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Payloads;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.recover.RecoverClusterRequest;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.recover.RecoverClusterWorkflow;
import io.stillpoint.recover.RecoverClusterWorkflowImpl;
import io.stillpoint.restore.ReleaseOldDataWorkflowImpl;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.restore.RestoreResult;
import io.stillpoint.restore.SnapshotRestoreWorkflow;
import io.stillpoint.restore.SnapshotRestoreWorkflowImpl;
import io.stillpoint.retention.ConfiguredRetention;
import io.stillpoint.retention.PruneRequest;
import io.stillpoint.retention.PruneResult;
import io.stillpoint.retention.PruneWorkflow;
import io.stillpoint.retention.PruneWorkflowImpl;
import io.stillpoint.retention.RetentionPolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The real workflow code on a simulated world, under Temporal's time-skipping test server. */
public final class Simulation implements AutoCloseable {

  public final World world;
  public final Faults.Gate gate;
  public final TestWorkflowEnvironment environment;
  private final SimulatedCatalog catalog;
  private final Worker control;

  public Simulation(World world, Faults faults) {
    this(world, faults, true);
  }

  /** In which what shall happen in days does not happen now. */
  public static Simulation inRealTime(World world) {
    return new Simulation(world, Faults.none(), false);
  }

  private Simulation(World world, Faults faults, boolean skippingTime) {
    this.world = world;
    this.gate = new Faults.Gate(faults);
    this.catalog = new SimulatedCatalog(world, gate);
    environment =
        TestWorkflowEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setUseTimeskipping(skippingTime)
                .setWorkerFactoryOptions(
                    WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new ResetFence())
                        .build())
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .build());
    SimulatedNode node = new SimulatedNode(world, gate);
    WorkerOptions options =
        WorkerOptions.newBuilder()
            .setMaxHeartbeatThrottleInterval(Duration.ofMillis(50))
            .setDefaultHeartbeatThrottleInterval(Duration.ofMillis(50))
            .build();
    control = environment.newWorker(TaskQueues.CONTROL, options);
    control.registerWorkflowImplementationFactory(
        SnapshotBackupWorkflow.class,
        () -> new SnapshotBackupWorkflowImpl(false, ConfiguredRetention.none(), world.webhooks));
    control.registerWorkflowImplementationFactory(
        PruneWorkflow.class, () -> new PruneWorkflowImpl(ConfiguredRetention.none()));
    control.registerWorkflowImplementationFactory(
        SnapshotRestoreWorkflow.class, () -> new SnapshotRestoreWorkflowImpl(false));
    control.registerWorkflowImplementationTypes(
        ClusterLockWorkflowImpl.class,
        ReleaseOldDataWorkflowImpl.class,
        RecoverClusterWorkflowImpl.class,
        DeleteBackupWorkflowImpl.class);
    NotificationActivities webhook =
        (name, notice) -> {
          synchronized (world) {
            world.notices.add(name + " " + notice.event());
          }
          if (name.equals("broken")) {
            throw Failures.of(ErrorCode.WEBHOOK_REFUSED, "no", "");
          }
        };
    control.registerActivitiesImplementations(
        webhook,
        new SimulatedActivities(world, gate, SimulatedActivities::often, world::kept),
        catalog,
        new SimulatedRetention(gate, this::client),
        node,
        new SimulatedRecovery(world, gate, catalog, Executions.of(this::client)));
    for (Map.Entry<String, World.Host> host : world.hosts.entrySet()) {
      if (host.getValue().agentAlive) {
        environment
            .newWorker(TaskQueues.node(host.getKey()), options)
            .registerActivitiesImplementations(node);
      }
    }
    environment.start();
  }

  public static BackupRequest backupRequest(String name, SnapshotType type) {
    return BackupRequest.of(World.CLUSTER, name, type);
  }

  public WorkflowStub startBackup(String name, SnapshotType type) {
    SnapshotBackupWorkflow stub =
        environment
            .getWorkflowClient()
            .newWorkflowStub(SnapshotBackupWorkflow.class, options(WorkflowIds.backup(name)));
    WorkflowStub untyped = WorkflowStub.fromTyped(stub);
    untyped.start(backupRequest(name, type));
    return untyped;
  }

  public BackupResult backup(String name) {
    BackupResult result = startBackup(name, SnapshotType.DIRECTORY).getResult(BackupResult.class);
    endLock();
    return result;
  }

  /** The in-memory server does not end the children of what has ended; real ones do. */
  private void endLock() {
    Executions executions = Executions.of(this::client);
    String lock = WorkflowIds.lock(World.CLUSTER);
    executions
        .find(lock, "")
        .filter(Executions.Found::open)
        .ifPresent(open -> executions.terminate(lock));
  }

  public WorkflowStub startRestore(String backup, Optional<String> confirm) {
    return startRestore(RestoreRequest.of(backup, "r1", confirm));
  }

  public WorkflowStub startRestore(RestoreRequest request) {
    SnapshotRestoreWorkflow stub =
        environment
            .getWorkflowClient()
            .newWorkflowStub(SnapshotRestoreWorkflow.class, options(WorkflowIds.restore("r1")));
    WorkflowStub untyped = WorkflowStub.fromTyped(stub);
    untyped.start(request);
    return untyped;
  }

  /** A restore that pairs sets or shards. */
  public RestoreResult restore(String backup, Map<String, String> map) {
    return startRestore(
            new RestoreRequest(
                backup,
                Optional.empty(),
                Optional.of("r1"),
                Optional.of(World.CLUSTER),
                false,
                Optional.empty(),
                Optional.empty(),
                map))
        .getResult(RestoreResult.class);
  }

  public RestoreResult restore(String backup) {
    return startRestore(backup, Optional.of(World.CLUSTER)).getResult(RestoreResult.class);
  }

  public RecoverClusterResult recover() {
    return recover(false);
  }

  public RecoverClusterResult recover(boolean dryRun) {
    return recover(dryRun, false);
  }

  /** Also lets go of what verified restores kept. */
  public RecoverClusterResult recoverAndRelease() {
    return recover(false, true);
  }

  private RecoverClusterResult recover(boolean dryRun, boolean releaseOld) {
    RecoverClusterWorkflow stub =
        client()
            .newWorkflowStub(
                RecoverClusterWorkflow.class, options(WorkflowIds.recover(World.CLUSTER)));
    return stub.recover(
        new RecoverClusterRequest(World.CLUSTER, dryRun, releaseOld, false, Map.of()));
  }

  private WorkflowClient client() {
    return environment.getWorkflowClient();
  }

  public BackupDescription describe(WorkflowStub stub) {
    return stub.query("describe", BackupDescription.class);
  }

  public Optional<Manifest> manifest(String backup) {
    synchronized (world) {
      return Optional.ofNullable(catalog.manifests.get(backup));
    }
  }

  /** As if a restore that runs used the backup. */
  public void use(String backup) {
    synchronized (world) {
      catalog.inUse.add(backup);
    }
  }

  public PruneResult prune(Optional<RetentionPolicy> retention, boolean dryRun) {
    WorkflowStub stub =
        environment
            .getWorkflowClient()
            .newUntypedWorkflowStub("PruneWorkflow", options(WorkflowIds.prune(World.CLUSTER)));
    stub.start(new PruneRequest(World.CLUSTER, retention, dryRun));
    return stub.getResult(PruneResult.class);
  }

  /** The worker that has all workflow code. */
  public Worker controlWorker() {
    return control;
  }

  /** The events' types, each with the activity that was scheduled. */
  public List<String> history(String workflowId) {
    return environment.getWorkflowClient().fetchHistory(workflowId).getEvents().stream()
        .map(
            e ->
                e.getEventId()
                    + " "
                    + e.getEventType().name().replace("EVENT_TYPE_", "")
                    + (e.hasActivityTaskScheduledEventAttributes()
                        ? " "
                            + e.getActivityTaskScheduledEventAttributes()
                                .getActivityType()
                                .getName()
                        : ""))
        .toList();
  }

  public int historyLength(String workflowId) {
    return environment.getWorkflowClient().fetchHistory(workflowId).getEvents().size();
  }

  private static WorkflowOptions options(String id) {
    return WorkflowOptions.newBuilder().setTaskQueue(TaskQueues.CONTROL).setWorkflowId(id).build();
  }

  @Override
  public void close() {
    environment.close();
  }
}
