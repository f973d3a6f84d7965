package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.sim.Faults.Kind;
import io.stillpoint.sim.Schedule.Blow;
import io.stillpoint.sim.Schedule.Event;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** A backup, a restore of it, and a recovery, under one schedule of faults. */
final class ScheduleRun implements Faults {

  /** How the two operations ended, as whoever started them saw it. */
  record Ended(boolean backedUp, boolean restored, String data) {}

  /**
   * @param calls every call of every activity, in order
   */
  record Run(Ended ended, List<String> calls) {}

  private static final Set<String> HALTING = Set.of("stop", "start");

  private final Schedule schedule;
  private final BiFunction<World, Faults, Operations> place;
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
  private volatile Operations operations;

  private ScheduleRun(Schedule schedule, BiFunction<World, Faults, Operations> place) {
    this.schedule = schedule;
    this.place = place;
  }

  /** Throws an AssertionError if anything is not as it must be in the end. */
  static Run run(Schedule schedule, BiFunction<World, Faults, Operations> place) {
    return new ScheduleRun(schedule, place).run();
  }

  private Run run() {
    World world = new World(schedule.shards(), 2);
    BalancerSettings before = world.balancer;
    try (Operations opened = place.apply(world, this)) {
      operations = opened;
      boolean backedUp = opened.backup("b1");
      boolean restored = false;
      if (backedUp) {
        assertThat(opened.manifest("b1").orElseThrow().status())
            .as("the manifest of a backup that succeeded")
            .isEqualTo(OperationStatus.COMPLETED);
        restored = opened.restore("b1");
      }
      boolean left = !restored && !world.marks.isEmpty() && undoCanFail();
      if (cleansUpByItself() && !left) {
        Invariants.checkCleanedUp(world, before);
      }
      opened.gate().heal();
      RecoverClusterResult recovered = opened.recover();
      assertThat(recovered.failed()).as(recovered.toString()).isFalse();
      opened.drain();
      opened
          .manifest("b1")
          .ifPresent(m -> assertThat(m.status().isFinal()).as("b1 has ended").isTrue());
      String data = restored ? "b1" : "live";
      requireData(world, data);
      Invariants.check(world, opened::manifest, before);
      assertThat(world.marks).as("nothing is marked as half restored").isEmpty();
      assertThat(opened.backup("b9")).as("the cluster is free").isTrue();
      assertThat(world.savedBalancers).as("no balancer is still to be given back").isEmpty();
      return new Run(new Ended(backedUp, restored, data), opened.gate().log());
    }
  }

  /** Nobody ended it by force, and nothing comes after its end. */
  private boolean cleansUpByItself() {
    return schedule.blows().stream()
        .noneMatch(b -> b.event() == Event.TERMINATE || b.kind() == Kind.LATE);
  }

  /** A server that cannot be stopped or started for good stands in the way of putting back, too. */
  private boolean undoCanFail() {
    return schedule.blows().stream()
        .anyMatch(b -> b.kind() == Kind.PERMANENT && HALTING.contains(b.activity()));
  }

  /** A restore that was terminated after it was verified has the new data all the same. */
  private void requireData(World world, String expected) {
    List<String> data = world.hosts.values().stream().map(h -> h.data).distinct().toList();
    boolean terminated =
        schedule.blows().stream()
            .anyMatch(b -> b.event() == Event.TERMINATE || b.event() == Event.CANCEL);
    if (terminated && expected.equals("live")) {
      assertThat(data).as("the data of all members").hasSize(1);
    } else {
      assertThat(data).as("the data of all members").containsExactly(expected);
    }
  }

  @Override
  public Kind draw(String activity, String key, int callOnKey) {
    int call = calls.computeIfAbsent(activity, a -> new AtomicInteger()).getAndIncrement();
    Kind kind = Kind.NONE;
    for (Blow blow : schedule.blows()) {
      if (blow.activity().equals(activity) && blow.call() == call) {
        hit(blow);
        kind = blow.kind() == Kind.NONE ? kind : blow.kind();
      }
    }
    return kind;
  }

  private void hit(Blow blow) {
    switch (blow.event()) {
      case FAULT -> {}
      case LOSE_CURSOR ->
          operations.world().cursors.keySet().stream()
              .findFirst()
              .ifPresent(operations.world()::loseCursor);
      case CANCEL -> operations.cancel();
      case TERMINATE -> operations.terminate();
      case RESTART_CONTROL -> operations.restartControl();
      case RESTART_AGENTS -> operations.restartAgents();
    }
  }
}
