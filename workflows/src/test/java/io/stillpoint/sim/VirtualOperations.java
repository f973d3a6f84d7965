package io.stillpoint.sim;

import io.stillpoint.activity.NotificationActivities;
import io.stillpoint.backup.SnapshotBackupWorkflow;
import io.stillpoint.backup.SnapshotBackupWorkflowImpl;
import io.stillpoint.lock.ClusterLockWorkflow;
import io.stillpoint.lock.ClusterLockWorkflowImpl;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.recover.RecoverClusterRequest;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.recover.RecoverClusterWorkflow;
import io.stillpoint.recover.RecoverClusterWorkflowImpl;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.restore.SnapshotRestoreWorkflow;
import io.stillpoint.restore.SnapshotRestoreWorkflowImpl;
import io.stillpoint.retention.ConfiguredRetention;
import io.stillpoint.sim.virtual.Execution;
import io.stillpoint.sim.virtual.Fate;
import io.stillpoint.sim.virtual.Timing;
import io.stillpoint.sim.virtual.VirtualTemporal;
import io.temporal.common.converter.DataConverter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** In one thread on a virtual clock: the same seed gives the same run. */
final class VirtualOperations implements Operations {

  /** Beyond every time limit of every operation. */
  private static final Duration LONGEST = Duration.ofDays(4);

  private final World world;
  private final Faults.Gate gate;
  private final SimulatedCatalog catalog;
  private final VirtualTemporal temporal;
  private Execution current;

  VirtualOperations(
      World world, Faults faults, Timing timing, DataConverter converter, ExecutorService threads) {
    this.world = world;
    this.gate = new Faults.Gate(faults);
    this.catalog = new SimulatedCatalog(world, gate);
    temporal = new VirtualTemporal(TaskQueues.CONTROL, timing, converter, threads);
    temporal.register(
        SnapshotBackupWorkflow.class,
        () -> new SnapshotBackupWorkflowImpl(false, ConfiguredRetention.none(), world.webhooks));
    temporal.register(SnapshotRestoreWorkflow.class, () -> new SnapshotRestoreWorkflowImpl(false));
    temporal.register(ClusterLockWorkflow.class, ClusterLockWorkflowImpl::new);
    temporal.register(RecoverClusterWorkflow.class, RecoverClusterWorkflowImpl::new);
    NotificationActivities webhook = (name, notice) -> world.notices.add(name);
    temporal.registerActivities(
        webhook,
        new SimulatedActivities(
            world,
            gate,
            turn -> {
              throw new Fate.Repeats(turn);
            },
            world::alive),
        catalog,
        new SimulatedNode(world, gate),
        new SimulatedRecovery(world, gate, catalog, executions()));
  }

  private Executions executions() {
    return new Executions() {
      @Override
      public Optional<Found> find(String workflowId, String run) {
        return (run.isEmpty() ? temporal.find(workflowId) : temporal.find(workflowId, run))
            .map(e -> new Found(e.isOpen(), e.isCompleted(), e.parentId()));
      }

      @Override
      public void terminate(String workflowId) {
        temporal.find(workflowId).ifPresent(temporal::terminate);
      }
    };
  }

  @Override
  public World world() {
    return world;
  }

  @Override
  public Faults.Gate gate() {
    return gate;
  }

  @Override
  public boolean backup(String name) {
    return ended(
        temporal.start(
            WorkflowIds.backup(name),
            "SnapshotBackupWorkflow",
            Simulation.backupRequest(name, SnapshotType.DIRECTORY)));
  }

  @Override
  public boolean restore(String name) {
    return ended(
        temporal.start(
            WorkflowIds.restore("r1"),
            "SnapshotRestoreWorkflow",
            RestoreRequest.of(name, "r1", Optional.of(World.CLUSTER))));
  }

  private boolean ended(Execution operation) {
    current = operation;
    if (!temporal.runUntilClosed(operation, LONGEST)) {
      throw new AssertionError("it does not end; its events: " + operation.events());
    }
    return operation.isCompleted();
  }

  @Override
  public RecoverClusterResult recover() {
    Execution recovery =
        temporal.start(
            WorkflowIds.recover(World.CLUSTER),
            "RecoverClusterWorkflow",
            new RecoverClusterRequest(World.CLUSTER, false, true, false, Map.of()));
    ended(recovery);
    return temporal.result(recovery, RecoverClusterResult.class);
  }

  @Override
  public Optional<Manifest> manifest(String name) {
    return Optional.ofNullable(catalog.manifests.get(name));
  }

  @Override
  public void cancel() {
    temporal.cancel(current);
  }

  @Override
  public void terminate() {
    temporal.terminate(current);
  }

  /** The run under way, or the one that ended last. */
  Execution current() {
    return current;
  }

  /**
   * As a person does it to an operation that runs or has ended; the second run is {@link #current}.
   *
   * @param startedId one of the first run's {@link Execution#tasks()}
   */
  void reset(Execution first, long startedId) {
    current = temporal.reset(first, startedId);
  }

  /** Runs the current one to its end; returns what it failed with. */
  Optional<RuntimeException> failure() {
    return ended(current) ? Optional.empty() : Optional.of(temporal.failure(current));
  }

  @Override
  public void restartControl() {
    temporal.stopWorkers(TaskQueues.CONTROL);
  }

  @Override
  public void restartAgents() {
    world.hosts.keySet().forEach(m -> temporal.stopWorkers(TaskQueues.node(m)));
  }

  @Override
  public void drain() {
    if (!temporal.drain()) {
      throw new AssertionError("something goes on for ever");
    }
  }

  @Override
  public List<String> lastEvents() {
    return current.events();
  }

  @Override
  public void close() {
    temporal.close();
  }
}
