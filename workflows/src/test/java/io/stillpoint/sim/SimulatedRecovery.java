package io.stillpoint.sim;

import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds what dead operations left, on the {@link World}; asks the server which are dead. */
final class SimulatedRecovery implements RecoveryActivities {

  private final World world;
  private final Faults.Gate gate;
  private final SimulatedCatalog catalog;
  private final Executions executions;

  SimulatedRecovery(
      World world, Faults.Gate gate, SimulatedCatalog catalog, Executions executions) {
    this.world = world;
    this.gate = gate;
    this.catalog = catalog;
    this.executions = executions;
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
  public Survey survey(String cluster) {
    Leftovers left = look(cluster);
    return new Survey(
        left,
        left.restores().isEmpty()
            ? Optional.of(gate.pass("topology", cluster, world::topology))
            : Optional.empty());
  }

  @Override
  public List<Unfinished> unfinished(Optional<String> cluster) {
    throw new UnsupportedOperationException("no operation asks for it");
  }

  @Override
  public void mark(String cluster, RestoreMark mark) {
    gate.pass(
        "mark",
        cluster,
        () -> {
          if (!isRunning(mark.operation())) {
            throw Failures.of(ErrorCode.RECOVERY_NEEDED, "the restore has ended", "");
          }
          return world.mark(mark);
        });
  }

  @Override
  public FirstRun afterReset(
      String backup, Optional<String> cluster, String operation, String firstRun) {
    return gate.pass(
        "afterReset",
        World.CLUSTER,
        () -> {
          synchronized (world) {
            return new FirstRun(
                World.CLUSTER,
                executions
                    .find(operation, firstRun)
                    .filter(Executions.Found::completed)
                    .isPresent(),
                world.marks.containsKey(operation));
          }
        });
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

  @Override
  public List<String> lost(String cluster, String member, List<String> present) {
    return gate.pass(
        "lost",
        member,
        () -> {
          synchronized (world) {
            return catalog.manifests.values().stream()
                .filter(m -> m.status() == OperationStatus.COMPLETED)
                .filter(m -> m.type() == SnapshotType.DIRECTORY && !present.contains(m.backup()))
                .filter(
                    m ->
                        m.sets().stream()
                            .flatMap(s -> s.snapshots().stream())
                            .anyMatch(s -> s.member().equals(member)))
                .map(Manifest::backup)
                .toList();
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
          Optional<Executions.Found> held =
              executions.find(lock, "").filter(Executions.Found::open);
          if (held.isEmpty()) {
            return "";
          }
          String holder = held.get().parent();
          if (isRunning(holder)) {
            return holder;
          }
          executions.terminate(lock);
          return "";
        });
  }

  @Override
  public boolean isRunning(String workflowId) {
    return executions.find(workflowId, "").filter(Executions.Found::open).isPresent();
  }

  private boolean isAliveBackup(String backup) {
    Manifest manifest = catalog.manifests.get(backup);
    return manifest != null
        && manifest.status() == OperationStatus.RUNNING
        && isAlive(manifest.owner());
  }

  private boolean isAlive(String owner) {
    int space = owner.lastIndexOf(' ');
    return executions
        .find(owner.substring(0, space), owner.substring(space + 1))
        .filter(Executions.Found::open)
        .isPresent();
  }
}
