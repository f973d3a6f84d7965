package io.stillpoint.sim;

import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SnapshotRef;
import io.temporal.activity.Activity;
import java.util.List;
import java.util.function.Supplier;

/** What a node agent does, on the {@link World}. */
final class SimulatedNode implements NodeActivities, SnapshotActivities {

  private final World world;
  private final Faults.Gate gate;

  SimulatedNode(World world, Faults.Gate gate) {
    this.world = world;
    this.gate = gate;
  }

  private <T> T effect(String activity, String member, Supplier<T> action) {
    Activity.getExecutionContext().heartbeat(null);
    return gate.pass(
        activity,
        member,
        () -> {
          synchronized (world) {
            return action.get();
          }
        });
  }

  private void change(
      String activity, String member, java.util.function.Consumer<World.Host> action) {
    effect(
        activity,
        member,
        () -> {
          action.accept(world.host(member));
          return null;
        });
  }

  @Override
  public VolumePlan resolve(VolumeRequest r) {
    return effect("resolve", r.member(), () -> new VolumePlan(List.of("dir"), 1000, List.of()));
  }

  @Override
  public List<SnapshotRef> cut(CutRequest r) {
    return effect(
        "cut",
        r.cursor().member(),
        () -> {
          world.cut(r.backup(), r.attempt(), r.cursor());
          return List.of(
              new SnapshotRef(
                  r.cursor().set(),
                  r.cursor().member(),
                  r.type(),
                  r.backup() + "/" + r.cursor().set(),
                  "dir",
                  "data",
                  r.cursor().cursorBackupId(),
                  300,
                  world.readyWhenCut));
        });
  }

  @Override
  public List<SnapshotRef> awaitReady(List<SnapshotRef> snapshots) {
    return effect("awaitReady", snapshots.get(0).member(), () -> snapshots);
  }

  @Override
  public void delete(DeleteRequest r) {
    effect(
        "delete",
        r.member(),
        () -> {
          world.deleteCuts(r.backup(), r.attempt(), r.member());
          return null;
        });
  }

  @Override
  public void discard(String cluster, String backup, List<SnapshotRef> snapshots) {
    effect(
        "discard",
        backup,
        () -> {
          world.snapshots.removeIf(s -> s.backup().equals(backup));
          return null;
        });
  }

  @Override
  public NodeReport inspect(String member) {
    return effect(
        "inspect",
        member,
        () ->
            new NodeReport(
                member,
                "host",
                "/data/" + member,
                "4.4.6-8",
                world.host(member).running,
                1000,
                300,
                "",
                "",
                List.of()));
  }

  @Override
  public StageReport stage(StageRequest r) {
    return effect(
        "stage",
        r.member(),
        () -> {
          world.host(r.member()).stage = r.backup();
          return new StageReport("/stage", 3, 300);
        });
  }

  @Override
  public String prepareStage(StageRequest r) {
    return effect("prepareStage", r.member(), () -> "/stage");
  }

  @Override
  public void dropStage(MemberRequest r) {
    change("dropStage", r.member(), h -> h.stage = "");
  }

  @Override
  public void stop(MemberRequest r) {
    change("stop", r.member(), h -> h.running = false);
  }

  @Override
  public void swap(MemberRequest r) {
    change(
        "swap",
        r.member(),
        h -> {
          if (h.running) {
            throw new IllegalStateException("swapped while mongod runs");
          }
          if (h.old.isEmpty()) {
            h.old = h.data;
            h.data = h.stage;
            h.stage = "";
          }
        });
  }

  @Override
  public RecoverReport recover(RecoverRequest r) {
    return effect(
        "recover", r.member(), () -> world.recover(r.member(), r.checkpoint(), r.lastEntry()));
  }

  @Override
  public void start(MemberRequest r) {
    change(
        "start",
        r.member(),
        h -> {
          if (!h.data.equals("live") && !h.recovered) {
            throw new IllegalStateException("started without recovery");
          }
          h.running = true;
        });
  }

  @Override
  public void proveStart(MemberRequest r, ClusterTime point) {
    change("proveStart", r.member(), h -> {});
  }

  @Override
  public void undo(MemberRequest r) {
    change(
        "undo",
        r.member(),
        h -> {
          if (h.running) {
            throw new IllegalStateException("undone while mongod runs");
          }
          if (!h.old.isEmpty()) {
            h.data = h.old;
            h.old = "";
            h.recovered = false;
          }
          h.stage = "";
        });
  }

  @Override
  public void release(MemberRequest r) {
    change("release", r.member(), h -> h.old = "");
  }
}
