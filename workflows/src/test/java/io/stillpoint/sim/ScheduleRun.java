package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.sim.Faults.Kind;
import io.stillpoint.sim.Schedule.Blow;
import io.stillpoint.sim.Schedule.Event;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A backup, a restore of it, and a recovery, under one schedule of faults. */
final class ScheduleRun implements Faults {

  /** Real seconds: while a cursor is kept alive, the test server skips no time. */
  private static final int END_SECONDS = 40;

  private static final int LAST_EVENTS = 25;
  private static final int MOST_STUCK = 2;

  /** Nothing is known of such a schedule, and it is said how many there were. */
  static final int NOT_JUDGED = -1;

  private final Schedule schedule;
  private final World world;
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
  private volatile WorkflowStub current;

  private ScheduleRun(Schedule schedule) {
    this.schedule = schedule;
    this.world = new World(schedule.shards(), 2);
  }

  /**
   * The in-memory server refuses the cancel of an activity that has just ended, which real ones
   * take, and never gives the workflow's task to anybody again. Nothing of ours is to blame then.
   */
  private static final class TestServerStuckException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Throws an AssertionError if anything is not as it must be in the end.
   *
   * @return how often it was run anew because the test server had got stuck; {@link #NOT_JUDGED} if
   *     it never came to an end
   */
  static int run(Schedule schedule) {
    for (int stuck = 0; true; stuck++) {
      try {
        new ScheduleRun(schedule).run();
        return stuck;
      } catch (TestServerStuckException e) {
        if (stuck == MOST_STUCK) {
          return NOT_JUDGED;
        }
      }
    }
  }

  /** The first list of faults that still fails when any one of them is left out. */
  static Schedule shrink(Schedule failing) {
    for (int i = 0; i < failing.blows().size(); i++) {
      Schedule fewer = failing.without(i);
      try {
        run(fewer);
      } catch (AssertionError e) {
        return shrink(fewer);
      }
    }
    return failing;
  }

  private void run() {
    BalancerSettings before = world.balancer;
    try (Simulation simulation = new Simulation(world, this)) {
      current = simulation.startBackup("b1", SnapshotType.DIRECTORY);
      boolean backedUp = ended(simulation, current);
      String data = "live";
      if (backedUp) {
        assertThat(simulation.manifest("b1").orElseThrow().status())
            .as("the manifest of a backup that succeeded")
            .isEqualTo(OperationStatus.COMPLETED);
        current = simulation.startRestore("b1", Optional.of(World.CLUSTER));
        data = ended(simulation, current) ? "b1" : "live";
      }
      simulation.gate.heal();
      RecoverClusterResult recovered = simulation.recoverAndRelease();
      assertThat(recovered.failed()).as(recovered.toString()).isFalse();
      simulation
          .manifest("b1")
          .ifPresent(m -> assertThat(m.status().isFinal()).as("b1 has ended").isTrue());
      requireData(data);
      Invariants.check(simulation, before);
      assertThat(world.marks).as("nothing is marked as half restored").isEmpty();
      assertThat(world.savedBalancers).as("no balancer is still to be given back").isEmpty();
      assertThat(simulation.backup("b9").summary()).as("the cluster is free").isPresent();
    }
  }

  /** A restore that was terminated after it was verified has the new data all the same. */
  private void requireData(String expected) {
    List<String> data = world.hosts.values().stream().map(h -> h.data).distinct().toList();
    boolean terminated = schedule.blows().stream().anyMatch(b -> b.event() != Event.FAULT);
    if (terminated && expected.equals("live")) {
      assertThat(data).as("the data of all members").hasSize(1);
    } else {
      assertThat(data).as("the data of all members").containsExactly(expected);
    }
  }

  private static boolean ended(Simulation simulation, WorkflowStub operation) {
    try {
      operation.getResult(END_SECONDS, TimeUnit.SECONDS, Object.class);
      return true;
    } catch (WorkflowException e) {
      return false;
    } catch (TimeoutException e) {
      List<String> events = simulation.history(operation.getExecution().getWorkflowId());
      if (events.get(events.size() - 1).endsWith(" WORKFLOW_TASK_STARTED")) {
        throw new TestServerStuckException();
      }
      throw new AssertionError(
          "it does not end; the last of its events: "
              + events.subList(Math.max(0, events.size() - LAST_EVENTS), events.size()),
          e);
    }
  }

  @Override
  public Kind draw(String activity, String key, int callOnKey) {
    int call = calls.computeIfAbsent(activity, a -> new AtomicInteger()).getAndIncrement();
    Kind kind = Kind.NONE;
    for (Blow blow : schedule.blows()) {
      if (blow.activity().equals(activity) && blow.call() == call) {
        kind = hit(blow, kind);
      }
    }
    return kind;
  }

  private Kind hit(Blow blow, Kind so) {
    switch (blow.event()) {
      case FAULT -> {
        return blow.kind();
      }
      case LOSE_CURSOR -> world.cursors.keySet().stream().findFirst().ifPresent(world::loseCursor);
      case CANCEL -> {
        current.cancel();
        // Still under way when the cancel arrives: the test server knows no cancel of what ended.
        return Kind.TRANSIENT_AFTER;
      }
      case TERMINATE -> current.terminate("by schedule");
    }
    return so;
  }
}
