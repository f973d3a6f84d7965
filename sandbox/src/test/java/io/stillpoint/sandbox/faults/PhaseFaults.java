package io.stillpoint.sandbox.faults;

import io.stillpoint.sandbox.cluster.ClusterException;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.faults.FaultCase.Outcome;
import io.stillpoint.sandbox.faults.FaultCase.Strike;
import io.stillpoint.sandbox.wire.CommandException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/** What happens to machines, networks and people, in the middle of a phase. */
final class PhaseFaults {

  /** Longer than a few heartbeats, shorter than what any policy takes for the end. */
  private static final long AWAY_SECONDS = 6;

  private PhaseFaults() {}

  static List<FaultCase> all(Shape shape) {
    List<FaultCase> all = new ArrayList<>();
    for (String phase : List.of("PREPARING", "COPYING", "FINISHING")) {
      Cases at = new Cases(shape, false, phase, all);
      at.add("temporal-restart", PhaseFaults::restartTemporal, Outcome.COMPLETES);
      at.add("temporal-cut", PhaseFaults::cutTemporal, Outcome.COMPLETES);
      at.add("mongod-silent", PhaseFaults::silenceMongod, Outcome.EITHER);
      at.add("mongod-killed", PhaseFaults::killMongod, Outcome.EITHER);
      at.add("step-down", PhaseFaults::stepDown, Outcome.EITHER);
      at.add("cancel", (w, o) -> o.abort(), Outcome.EITHER);
      at.addRecovered("terminate", PhaseFaults::terminate, Outcome.EITHER);
      at.addRecovered("reset", PhaseFaults::reset, Outcome.EITHER);
    }
    Cases copying = new Cases(shape, false, "COPYING", all);
    copying.add("cursor-killed", PhaseFaults::killCursor, Outcome.COMPLETES);
    copying.add("worker-away", PhaseFaults::workerAway, Outcome.COMPLETES);
    copying.add("worker-away-past-idle-limit", PhaseFaults::workerAwayTooLong, Outcome.COMPLETES);
    for (String phase :
        List.of("STAGING", "STOPPING", "SWAPPING", "RECOVERING", "STARTING", "SETTLING")) {
      Cases at = new Cases(shape, true, phase, all);
      at.add("temporal-restart", PhaseFaults::restartTemporal, Outcome.COMPLETES);
      at.add("temporal-cut", PhaseFaults::cutTemporal, Outcome.COMPLETES);
      at.add("worker-away", PhaseFaults::workerAway, Outcome.COMPLETES);
      at.add("cancel", (w, o) -> o.abort(), Outcome.EITHER);
      at.addRecovered("terminate", PhaseFaults::terminate, Outcome.EITHER);
      at.addRecovered("reset", PhaseFaults::reset, Outcome.EITHER);
    }
    all.add(
        new FaultCase(
            FaultCase.name(shape, true, "STOPPING", "terminate-while-servers-shut-down"),
            shape,
            true,
            new WhileServersShutDown(),
            Outcome.EITHER,
            true));
    return all;
  }

  /**
   * A real server needs long for its last checkpoint, a simulated one for as long as it is told.
   */
  private record WhileServersShutDown() implements Strike {

    private static final String SLOWLY = "{setParameter: 1, simulatedShutdownMillis: 15000}";

    @Override
    public void on(FaultWorld world, FaultCase.Running operation) throws Exception {
      for (LocalServer member : world.cluster().members()) {
        member.run("admin", BsonDocument.parse(SLOWLY));
      }
      operation.awaitPhase("STOPPING");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> shutsDown(world.member()));
      terminate(world, operation);
    }

    private static boolean shutsDown(LocalServer member) {
      try {
        member.run("admin", BsonDocument.parse("{ping: 1}"));
        return false;
      } catch (ClusterException | CommandException e) {
        return true;
      }
    }

    @Override
    public String impossible(FaultWorld world) {
      return world.cluster().spec().programs().isSimulated()
          ? ""
          : "a real server cannot be told how long to shut down";
    }
  }

  /** Adds the cases of one phase. */
  record Cases(Shape shape, boolean restore, String phase, List<FaultCase> all) {

    void add(String what, Strike strike, Outcome expected) {
      add(what, strike, expected, false);
    }

    void addRecovered(String what, Strike strike, Outcome expected) {
      add(what, strike, expected, true);
    }

    private void add(String what, Strike strike, Outcome expected, boolean recovered) {
      all.add(
          new FaultCase(
              FaultCase.name(shape, restore, phase, what),
              shape,
              restore,
              new InPhase(phase, strike),
              expected,
              recovered));
    }
  }

  /** Waits for the phase, and then strikes. */
  private record InPhase(String phase, Strike strike) implements Strike {
    @Override
    public void on(FaultWorld world, FaultCase.Running operation) throws Exception {
      operation.awaitPhase(phase);
      strike.on(world, operation);
    }

    @Override
    public String impossible(FaultWorld world) {
      return strike.impossible(world);
    }
  }

  private static void restartTemporal(FaultWorld world, FaultCase.Running operation) {
    world.temporal().stop();
    world.temporal().start();
  }

  private static void cutTemporal(FaultWorld world, FaultCase.Running operation)
      throws InterruptedException {
    world.cord().cut();
    TimeUnit.SECONDS.sleep(AWAY_SECONDS);
    world.cord().mend();
  }

  /** As a network that swallows everything: connections stay, nobody answers. */
  private static void silenceMongod(FaultWorld world, FaultCase.Running operation)
      throws Exception {
    long pid = world.member().running().orElseThrow().pid();
    signal("-STOP", pid);
    TimeUnit.SECONDS.sleep(AWAY_SECONDS);
    signal("-CONT", pid);
  }

  private static void killMongod(FaultWorld world, FaultCase.Running operation) {
    world.member().kill();
    world.cluster().startAll();
  }

  private static void stepDown(FaultWorld world, FaultCase.Running operation) {
    world
        .member()
        .run(
            "admin",
            new BsonDocument("replSetStepDown", new BsonInt32(2))
                .append("force", BsonBoolean.TRUE));
    world.cluster().dataSets().get(0).awaitPrimary();
  }

  /** By somebody who tidies up idle cursors. */
  private static void killCursor(FaultWorld world, FaultCase.Running operation) {
    BsonDocument idle =
        BsonDocument.parse(
            "{aggregate: 1, pipeline: [{$currentOp: {idleCursors: true, allUsers: true}},"
                + " {$match: {type: 'idleCursor'}}], cursor: {}}");
    for (BsonValue each :
        world.member().run("admin", idle).getDocument("cursor").getArray("firstBatch")) {
      BsonValue id = each.asDocument().getDocument("cursor").get("cursorId");
      world
          .member()
          .run(
              "admin",
              new BsonDocument("killCursors", new BsonString("$cmd.aggregate"))
                  .append(
                      "cursors", new BsonArray(List.of(new BsonInt64(id.asNumber().longValue())))));
    }
  }

  private static void workerAway(FaultWorld world, FaultCase.Running operation)
      throws InterruptedException {
    world.workers().takeAllAway();
    TimeUnit.SECONDS.sleep(AWAY_SECONDS);
    world.workers().bringBack();
  }

  /** The server forgets a cursor that nobody used for so long; here a second is long. */
  private static void workerAwayTooLong(FaultWorld world, FaultCase.Running operation) {
    world.workers().takeAllAway();
    setIdleLimit(world, 1_000);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> !cursorOpen(world));
    setIdleLimit(world, 600_000);
    world.workers().bringBack();
    operation.awaitAttempt(2);
  }

  private static void setIdleLimit(FaultWorld world, int millis) {
    world
        .member()
        .run(
            "admin",
            new BsonDocument("setParameter", new BsonInt32(1))
                .append("cursorTimeoutMillis", new BsonInt32(millis)));
  }

  private static boolean cursorOpen(FaultWorld world) {
    return world
        .member()
        .run("admin", new BsonDocument("serverStatus", new BsonInt32(1)))
        .getDocument("storageEngine")
        .getBoolean("backupCursorOpen", BsonBoolean.FALSE)
        .getValue();
  }

  /** By a person in the UI; then a person mends the cluster. */
  static void terminate(FaultWorld world, FaultCase.Running operation) throws Exception {
    stockCommand(world, operation, "terminate");
  }

  /** By a person who hopes that it goes on from its last step; then a person mends the cluster. */
  private static void reset(FaultWorld world, FaultCase.Running operation) throws Exception {
    stockCommand(world, operation, "reset", "--type", "LastWorkflowTask");
  }

  private static void stockCommand(
      FaultWorld world, FaultCase.Running operation, String verb, String... further)
      throws Exception {
    List<String> command =
        new ArrayList<>(List.of(world.temporal().program().toString(), "workflow", verb));
    command.addAll(List.of("--workflow-id", operation.workflowId(), "--reason", "fault campaign"));
    command.addAll(List.of(further));
    command.addAll(List.of("--address", world.temporal().address()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.waitFor(60, TimeUnit.SECONDS);
  }

  private static void signal(String signal, long pid) throws Exception {
    new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor(5, TimeUnit.SECONDS);
  }
}
