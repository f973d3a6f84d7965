package io.stillpoint.sim;

import io.stillpoint.activity.BalancerActivities;
import io.stillpoint.activity.ClusterActivities;
import io.stillpoint.activity.CursorActivities;
import io.stillpoint.activity.TopologyActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.FileListRef;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.failure.ApplicationFailure;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** What a control worker does over the network, on the {@link World}. */
final class SimulatedActivities
    implements TopologyActivities, BalancerActivities, CursorActivities, ClusterActivities {

  private final World world;
  private final Faults.Gate gate;
  private final Consumer<Runnable> forEver;
  private final Consumer<BackupCursor> keeping;

  /**
   * @param forEver repeats something until it throws
   * @param keeping what a keeper does with its cursor in each turn
   */
  SimulatedActivities(
      World world, Faults.Gate gate, Consumer<Runnable> forEver, Consumer<BackupCursor> keeping) {
    this.world = world;
    this.gate = gate;
    this.forEver = forEver;
    this.keeping = keeping;
  }

  /** In real time. */
  static void often(Runnable turn) {
    while (true) {
      turn.run();
      LockSupport.parkNanos(20_000_000);
    }
  }

  private void effect(String activity, String key, Runnable action) {
    gate.pass(
        activity,
        key,
        () -> {
          action.run();
          return null;
        });
  }

  @Override
  public ClusterTopology read(String cluster) {
    return gate.pass("topology", cluster, world::topology);
  }

  @Override
  public void awaitQuiet(String cluster) {
    effect("awaitQuiet", cluster, () -> world.quietCalls++);
  }

  @Override
  public BalancerSettings save(String cluster, String operation) {
    return gate.pass(
        "saveBalancer",
        cluster,
        () -> {
          synchronized (world) {
            world.savedBalancers.putIfAbsent(operation, world.balancer);
            return world.savedBalancers.get(operation);
          }
        });
  }

  @Override
  public void stop(String cluster, String operation) {
    effect(
        "stopBalancer",
        cluster,
        () -> {
          synchronized (world) {
            if (!world.savedBalancers.containsKey(operation)) {
              throw Failures.of(ErrorCode.BALANCER_NOT_STOPPED, "it was given back", "");
            }
            world.balancer =
                new BalancerSettings("{\"mode\":\"off\"}", "{\"enabled\":false}", false);
            world.balancerRunning = false;
          }
        });
  }

  @Override
  public void restore(String cluster, String operation, BalancerSettings saved) {
    effect(
        "restoreBalancer",
        cluster,
        () -> {
          synchronized (world) {
            world.balancer = world.savedBalancers.getOrDefault(operation, saved);
            world.balancerRunning = world.balancer.enabled();
            world.savedBalancers.remove(operation);
          }
        });
  }

  @Override
  public BackupCursor open(OpenRequest r) {
    return gate.pass(
        "open", r.member(), () -> world.open(r.operation(), r.attempt(), r.set(), r.member()));
  }

  @Override
  public Point fixPoint(String cluster, List<BackupCursor> cursors) {
    return gate.pass(
        "fixPoint",
        cluster,
        () -> {
          synchronized (world) {
            boolean moving = world.inFlightAtPoint-- > 0;
            return new Point(
                world.point(), "", moving ? List.of("a migration of app.k") : List.of());
          }
        });
  }

  @Override
  public FileListRef extend(OpenRequest request, BackupCursor cursor, Point point) {
    return gate.pass(
        "extend",
        cursor.member(),
        () -> {
          world.extend(cursor);
          return cursor.files();
        });
  }

  @Override
  public Extended describe(OpenRequest request, BackupCursor cursor, Point point) {
    return gate.pass(
        "describe",
        cursor.member(),
        () -> new Extended(cursor.files(), point.time(), 5, List.of()));
  }

  @Override
  public void keepAlive(BackupCursor cursor) {
    effect("keepAlive", cursor.member(), () -> world.alive(cursor));
    synchronized (world) {
      world.keepAlives++;
    }
    if (!world.keeperLeavesFor.isZero()) {
      throw ApplicationFailure.newBuilder()
          .setType("GONE")
          .setMessage("the worker went away")
          .setNextRetryDelay(world.keeperLeavesFor)
          .build();
    }
    ActivityExecutionContext context = Activity.getExecutionContext();
    world.keepers.incrementAndGet();
    try {
      forEver.accept(
          () -> {
            context.heartbeat(null);
            keeping.accept(cursor);
          });
    } finally {
      world.keepers.decrementAndGet();
    }
  }

  @Override
  public void prove(List<BackupCursor> cursors) {
    effect("prove", World.CLUSTER, () -> cursors.forEach(world::alive));
  }

  @Override
  public void proveCopied(CopiedRequest copied) {
    effect("prove", World.CLUSTER, () -> world.proveCopied(copied));
  }

  @Override
  public List<String> finish(CopiedRequest copied) {
    gate.pass("prove", World.CLUSTER, () -> world.proveCopied(copied) && world.recordProof(copied));
    return gate.pass("close", World.CLUSTER, () -> gone(copied.cursors()));
  }

  @Override
  public List<String> close(List<BackupCursor> cursors) {
    return gate.pass(
        "close",
        World.CLUSTER,
        () -> {
          world.awaitKeepers();
          return gone(cursors);
        });
  }

  private List<String> gone(List<BackupCursor> cursors) {
    return cursors.stream().filter(c -> !world.close(c)).map(BackupCursor::set).toList();
  }

  @Override
  public int closeOrphans(OpenRequest r) {
    return gate.pass(
        "closeOrphans", r.member(), () -> world.closeOrphans(r.operation(), r.member()));
  }

  @Override
  public String configuration(String cluster, String set) {
    return gate.pass("configuration", set, () -> "{\"_id\":\"%s\"}".formatted(set));
  }

  @Override
  public void stepUp(StepUpRequest request) {
    effect(
        "stepUp",
        request.set(),
        () -> {
          for (String member : request.members()) {
            if (!world.host(member).running) {
              throw new IllegalStateException(member + " does not run");
            }
          }
        });
  }

  @Override
  public void renameShards(RenameRequest request) {
    effect("renameShards", request.configServer().set(), () -> world.rename(request.shardIds()));
  }

  @Override
  public void settle(String cluster, List<StepUpRequest> sets) {
    effect("settle", cluster, () -> {});
  }

  @Override
  public void compareEndPoint(EndPoint request) {
    effect("compareEndPoint", request.member(), () -> {});
  }

  @Override
  public void giveBalancer(StepUpRequest configServer, BalancerSettings saved) {
    effect("giveBalancer", configServer.set(), () -> {});
  }
}
