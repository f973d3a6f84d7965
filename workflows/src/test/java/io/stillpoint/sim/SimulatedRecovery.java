package io.stillpoint.sim;

import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.policy.WorkflowIds;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowTargetOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Finds what dead operations left, on the {@link World}; asks the test server which are dead. */
final class SimulatedRecovery implements RecoveryActivities {

  private final World world;
  private final Faults.Gate gate;
  private final SimulatedCatalog catalog;
  private final Supplier<WorkflowClient> client;

  SimulatedRecovery(
      World world, Faults.Gate gate, SimulatedCatalog catalog, Supplier<WorkflowClient> client) {
    this.world = world;
    this.gate = gate;
    this.catalog = catalog;
    this.client = client;
  }

  @Override
  public Leftovers look(String cluster) {
    return gate.pass(
        "look",
        cluster,
        () -> {
          synchronized (world) {
            return new Leftovers(
                catalog.manifests.values().stream()
                    .filter(m -> m.status() == OperationStatus.RUNNING && !isAlive(m.owner()))
                    .map(m -> new DeadBackup(m.backup(), m.type(), m.owner()))
                    .toList(),
                world.marks.values().stream().filter(m -> !isRunning(m.operation())).toList(),
                world.savedBalancers.keySet().stream().anyMatch(o -> !isRunning(o)));
          }
        });
  }

  @Override
  public void mark(String cluster, RestoreMark mark) {
    gate.pass("mark", cluster, () -> world.mark(mark));
  }

  @Override
  public void unmark(String cluster, String operation) {
    gate.pass("unmark", cluster, () -> world.unmark(operation));
  }

  @Override
  public List<LeftCursor> cursors(String cluster, String member, boolean close) {
    return gate.pass(
        "cursors",
        member,
        () -> {
          synchronized (world) {
            World.Cursor present = world.cursors.get(member);
            if (present == null || !present.open || isAliveBackup(present.owner)) {
              return List.of();
            }
            present.open = !close;
            return List.of(new LeftCursor(member, present.owner, 0, close));
          }
        });
  }

  @Override
  public String giveBalancerBack(String cluster, boolean dryRun) {
    return gate.pass(
        "giveBalancerBack",
        cluster,
        () -> {
          synchronized (world) {
            List<String> dead =
                world.savedBalancers.keySet().stream().filter(o -> !isRunning(o)).toList();
            if (dead.isEmpty() || dryRun) {
              return "nothing";
            }
            BalancerSettings saved = world.savedBalancers.get(dead.get(0));
            if (!world.balancer.enabled()) {
              world.balancer = saved;
              world.balancerRunning = saved.enabled();
            }
            dead.forEach(world.savedBalancers::remove);
            return "give it back";
          }
        });
  }

  @Override
  public Map<String, Kept> kept(String cluster, List<String> backups) {
    return gate.pass(
        "kept",
        cluster,
        () -> {
          synchronized (world) {
            Map<String, Kept> kept = new TreeMap<>();
            for (String backup : backups) {
              Manifest manifest = catalog.manifests.get(backup);
              kept.put(
                  backup,
                  manifest == null
                      ? new Kept(false, false, List.of())
                      : new Kept(
                          true,
                          manifest.status() == OperationStatus.RUNNING && isAlive(manifest.owner()),
                          manifest.sets().stream()
                              .flatMap(s -> s.snapshots().stream())
                              .map(SnapshotRef::id)
                              .toList()));
            }
            return kept;
          }
        });
  }

  /** The test server does not end the child of a terminated workflow, so this is needed here. */
  @Override
  public String freeStaleLock(String cluster) {
    return gate.pass(
        "freeStaleLock",
        cluster,
        () -> {
          String lock = WorkflowIds.lock(cluster);
          Optional<WorkflowExecutionDescription> held =
              describe(lock, "").filter(SimulatedRecovery::isOpen);
          if (held.isEmpty()) {
            return "";
          }
          String holder = held.get().getParentExecution().getWorkflowId();
          if (isRunning(holder)) {
            return holder;
          }
          client.get().newUntypedWorkflowStub(lock).terminate("stale");
          return "";
        });
  }

  @Override
  public boolean isRunning(String workflowId) {
    return describe(workflowId, "").filter(SimulatedRecovery::isOpen).isPresent();
  }

  private boolean isAliveBackup(String backup) {
    Manifest manifest = catalog.manifests.get(backup);
    return manifest != null
        && manifest.status() == OperationStatus.RUNNING
        && isAlive(manifest.owner());
  }

  private boolean isAlive(String owner) {
    int space = owner.lastIndexOf(' ');
    return describe(owner.substring(0, space), owner.substring(space + 1))
        .filter(SimulatedRecovery::isOpen)
        .isPresent();
  }

  private Optional<WorkflowExecutionDescription> describe(String id, String run) {
    try {
      WorkflowTargetOptions.Builder target = WorkflowTargetOptions.newBuilder().setWorkflowId(id);
      if (!run.isEmpty()) {
        target.setRunId(run);
      }
      return Optional.of(client.get().newUntypedWorkflowStub(target.build()).describe());
    } catch (WorkflowNotFoundException e) {
      return Optional.empty();
    }
  }

  private static boolean isOpen(WorkflowExecutionDescription d) {
    return d.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
  }
}
