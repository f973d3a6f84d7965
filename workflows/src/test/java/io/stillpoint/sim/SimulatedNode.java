package io.stillpoint.sim;

import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SnapshotCopy;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.temporal.activity.Activity;
import java.util.List;
import java.util.Optional;
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
    return effect(
        "resolve",
        r.member(),
        () -> new VolumePlan(List.of("dir"), 1000, List.of(), List.of(), false, world.copyTo));
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
                  "%s/%s/%d".formatted(r.backup(), r.cursor().member(), r.attempt()),
                  "dir",
                  "data",
                  r.cursor().cursorBackupId(),
                  300,
                  world.readyWhenCut));
        });
  }

  @Override
  public List<SnapshotRef> awaitReady(List<SnapshotRef> snapshots) {
    world.awaitKeepers();
    return effect("awaitReady", snapshots.get(0).member(), () -> snapshots);
  }

  @Override
  public List<SnapshotRef> copyElsewhere(List<SnapshotRef> snapshots) {
    return effect(
        "copyElsewhere",
        snapshots.get(0).member(),
        () ->
            snapshots.stream()
                .map(
                    s -> s.withCopies(List.of(new SnapshotCopy(world.copyTo, "copy-of-" + s.id()))))
                .toList());
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
  public List<String> backups(SnapshotType type, String cluster, String member) {
    return effect(
        "backups",
        member,
        () ->
            world.snapshots.stream()
                .filter(s -> s.member().equals(member))
                .map(World.Cut::backup)
                .distinct()
                .toList());
  }

  @Override
  public List<String> sweep(SweepRequest r) {
    return effect(
        "sweep",
        r.member(),
        () -> {
          List<World.Cut> strays =
              world.snapshots.stream()
                  .filter(s -> s.backup().equals(r.backup()))
                  .filter(s -> r.member().isEmpty() || s.member().equals(r.member()))
                  .filter(s -> !r.keep().contains(s.id()))
                  .toList();
          if (!r.dryRun()) {
            world.snapshots.removeAll(strays);
          }
          return strays.stream().map(World.Cut::id).toList();
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
                world.host(member).restore,
                "",
                List.of(),
                List.of(),
                List.of(),
                Optional.empty()));
  }

  @Override
  public HostDisks disks(String member, SnapshotType type) {
    return effect("disks", member, () -> new HostDisks("i-1", "zone", List.of()));
  }

  @Override
  public List<String> plan(StageRequest r) {
    return effect(
        "plan",
        r.member(),
        () -> {
          requireSnapshot(r);
          return List.of();
        });
  }

  private void requireSnapshot(StageRequest r) {
    boolean lost =
        r.snapshots().stream()
            .filter(s -> s.set().equals(r.sourceSet()))
            .anyMatch(s -> world.snapshots.stream().noneMatch(c -> c.id().equals(s.id())));
    if (lost) {
      throw Failures.of(
          ErrorCode.SNAPSHOT_UNREACHABLE, "the snapshot of %s is gone".formatted(r.backup()), "");
    }
  }

  @Override
  public StageReport stage(StageRequest r) {
    return effect(
        "stage",
        r.member(),
        () -> {
          World.Host host = world.host(r.member());
          refuseEnded(host, r.restore());
          requireSnapshot(r);
          if (world.incompleteCopies.contains(r.member())) {
            throw Failures.of(
                ErrorCode.SNAPSHOT_INCOMPLETE, "listed file sizeStorer.wt is missing", "copy it");
          }
          if (!host.old.isEmpty() && host.restore.equals(r.restore())) {
            throw Failures.of(
                ErrorCode.AGENT_REFUSED, "restore %s is swapped in".formatted(r.restore()), "");
          }
          host.restore = r.restore();
          host.stage = r.backup();
          return new StageReport("/stage", 3, 300);
        });
  }

  @Override
  public String prepareStage(StageRequest r) {
    return effect("prepareStage", r.member(), () -> "/stage");
  }

  @Override
  public void dropStage(MemberRequest r) {
    change(
        "dropStage",
        r.member(),
        h -> {
          h.stage = "";
          end(h, r);
        });
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
          refuseEnded(h, r.restore());
          if (h.old.isEmpty()) {
            h.old = h.data;
            h.oldRecovered = h.recovered;
            h.recovered = false;
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
    change("start", r.member(), h -> world.start(r.member()));
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
          if (!h.old.isEmpty() && !world.undoForgotten) {
            if (h.running) {
              throw new IllegalStateException("undone while mongod runs");
            }
            h.data = h.old;
            h.old = "";
            h.recovered = h.oldRecovered;
          }
          h.stage = "";
          end(h, r);
        });
  }

  @Override
  public void release(MemberRequest r) {
    change(
        "release",
        r.member(),
        h -> {
          h.old = "";
          end(h, r);
        });
  }

  @Override
  public UnfinishedRestore unfinished(String member) {
    return effect(
        "unfinished",
        member,
        () -> {
          World.Host h = world.host(member);
          boolean touched = !h.old.isEmpty();
          return new UnfinishedRestore(
              h.restore,
              touched ? "SWAPPED" : "STAGED",
              touched,
              touched && h.recovered,
              h.running);
        });
  }

  private static void end(World.Host host, MemberRequest request) {
    host.endedRestores.add(request.restore());
    host.restore = "";
  }

  /** As the real agent: a late step of a restore that has ended changes nothing. */
  private static void refuseEnded(World.Host host, String restore) {
    if (host.endedRestores.contains(restore)) {
      throw Failures.of(ErrorCode.AGENT_REFUSED, "restore %s has ended".formatted(restore), "");
    }
  }
}
