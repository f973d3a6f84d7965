package io.stillpoint.sandbox.faults;

import io.stillpoint.sandbox.faults.FaultCase.Outcome;
import io.stillpoint.sandbox.faults.FaultCase.Running;
import io.stillpoint.sandbox.faults.FaultCase.Strike;
import io.stillpoint.sandbox.faults.PhaseFaults.Cases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What happens where control worker, node agent and member are apart: networks that are cut between
 * them, an agent that does not come back, a disk without space, clocks that jump.
 */
final class PlaceFaults {

  private static final long CUT_SECONDS = 6;
  private static final Duration HOUR = Duration.ofHours(1);

  private PlaceFaults() {}

  static List<FaultCase> all() {
    List<FaultCase> all = new ArrayList<>();
    for (String phase : List.of("PREPARING", "COPYING", "FINISHING")) {
      Cases at = new Cases(Shape.APART, false, phase, all);
      at.add("mongod-cut", PlaceFaults::cutMongod, Outcome.COMPLETES);
      clocks(at);
    }
    for (String phase :
        List.of("STAGING", "STOPPING", "SWAPPING", "RECOVERING", "STARTING", "SETTLING")) {
      Cases at = new Cases(Shape.APART, true, phase, all);
      at.add("mongod-cut", PlaceFaults::cutMongod, Outcome.COMPLETES);
      clocks(at);
    }
    Cases copying = new Cases(Shape.APART, false, "COPYING", all);
    Cases staging = new Cases(Shape.APART, true, "STAGING", all);
    Cases swapping = new Cases(Shape.APART, true, "SWAPPING", all);
    copying.add("disk-without-space", Disk.of(FaultWorld::snapshotDisk), Outcome.FAILS);
    // A copy that was quicker than the fault: then there is no space to go back, either.
    staging.addRecovered("disk-without-space", Disk.of(FaultWorld::dataDisk), Outcome.FAILS);
    copying.addRecovered("agent-gone", (w, o) -> w.workers().takeAgentsAway(), Outcome.FAILS);
    staging.addRecovered("agent-gone", (w, o) -> w.workers().takeAgentsAway(), Outcome.FAILS);
    swapping.addRecovered("agent-gone", PlaceFaults::agentGone, Outcome.FAILS);
    swapping.add("agent-gone-then-back", PlaceFaults::agentGoneThenBack, Outcome.FAILS);
    return all;
  }

  private static void clocks(Cases at) {
    at.add("worker-clock-forward", Clock.of(w -> w.workerClock().jump(HOUR)), Outcome.COMPLETES);
    at.add(
        "worker-clock-back",
        Clock.of(w -> w.workerClock().jump(HOUR.negated())),
        Outcome.COMPLETES);
    at.add("server-clock-forward", Clock.of(w -> w.serverClock().jump(HOUR)), Outcome.COMPLETES);
    at.add(
        "server-clock-back",
        Clock.of(w -> w.serverClock().jump(HOUR.negated())),
        Outcome.COMPLETES);
    at.add("host-clock-forward", Clock.of(w -> both(w, HOUR)), Outcome.COMPLETES);
    at.add("host-clock-back", Clock.of(w -> both(w, HOUR.negated())), Outcome.COMPLETES);
  }

  /** Node agent and server of one host, whose clock it is. */
  private static void both(FaultWorld world, Duration offset) {
    world.workerClock().jump(offset);
    world.serverClock().jump(offset);
  }

  private static void cutMongod(FaultWorld world, Running operation) throws InterruptedException {
    world.memberCords().forEach(MemberCord::cut);
    TimeUnit.SECONDS.sleep(CUT_SECONDS);
    world.memberCords().forEach(MemberCord::mend);
  }

  /** The undo waits for it; a person who cannot bring it back ends the wait by force. */
  private static void agentGone(FaultWorld world, Running operation) throws Exception {
    world.workers().takeAgentsAway();
    operation.awaitPhase("UNDOING");
    operation.readNotes();
    PhaseFaults.terminate(world, operation);
  }

  private static void agentGoneThenBack(FaultWorld world, Running operation) {
    world.workers().takeAgentsAway();
    operation.awaitPhase("UNDOING");
    world.workers().bringBack();
  }

  /** Fills a disk; it stays full until the operation has ended. */
  private record Disk(Function<FaultWorld, SmallDisk> which) implements Strike {

    static Strike of(Function<FaultWorld, SmallDisk> which) {
      return new Disk(which);
    }

    @Override
    public void on(FaultWorld world, Running operation) {
      which.apply(world).fill();
    }

    @Override
    public String impossible(FaultWorld world) {
      return which.apply(world).isSmall() ? "" : "a small disk needs root, to mount one in memory";
    }
  }

  /** Lets clocks jump; they are right again when the operation has ended. */
  private record Clock(Consumer<FaultWorld> jump) implements Strike {

    static Strike of(Consumer<FaultWorld> jump) {
      return new Clock(jump);
    }

    @Override
    public void on(FaultWorld world, Running operation) {
      jump.accept(world);
    }

    @Override
    public String impossible(FaultWorld world) {
      return world.workerClock().canJump() ? "" : "a clock that jumps needs a C compiler, cc";
    }
  }
}
