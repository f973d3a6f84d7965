package io.stillpoint.sandbox.faults;

import io.stillpoint.recover.RecoverClusterRequest;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.sandbox.faults.FaultCase.Outcome;
import io.stillpoint.sandbox.faults.FaultCase.Strike;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.BsonArray;
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

  static List<FaultCase> all() {
    List<FaultCase> all = new ArrayList<>();
    for (String phase : List.of("PREPARING", "COPYING", "FINISHING")) {
      all.add(backup(phase, "temporal-restart", PhaseFaults::restartTemporal, Outcome.COMPLETES));
      all.add(backup(phase, "temporal-cut", PhaseFaults::cutTemporal, Outcome.COMPLETES));
      all.add(backup(phase, "mongod-silent", PhaseFaults::silenceMongod, Outcome.EITHER));
      all.add(backup(phase, "mongod-killed", PhaseFaults::killMongod, Outcome.EITHER));
      all.add(backup(phase, "step-down", PhaseFaults::stepDown, Outcome.EITHER));
      all.add(backup(phase, "cancel", (w, o) -> o.abort(), Outcome.EITHER));
      all.add(backup(phase, "terminate", PhaseFaults::terminate, Outcome.EITHER));
    }
    all.add(backup("COPYING", "cursor-killed", PhaseFaults::killCursor, Outcome.COMPLETES));
    all.add(backup("COPYING", "worker-away", PhaseFaults::workerAway, Outcome.COMPLETES));
    for (String phase :
        List.of("STAGING", "STOPPING", "SWAPPING", "RECOVERING", "STARTING", "SETTLING")) {
      all.add(restore(phase, "temporal-restart", PhaseFaults::restartTemporal, Outcome.COMPLETES));
      all.add(restore(phase, "temporal-cut", PhaseFaults::cutTemporal, Outcome.COMPLETES));
      all.add(restore(phase, "worker-away", PhaseFaults::workerAway, Outcome.COMPLETES));
      all.add(restore(phase, "cancel", (w, o) -> o.abort(), Outcome.EITHER));
      all.add(restore(phase, "terminate", PhaseFaults::terminate, Outcome.EITHER));
    }
    return all;
  }

  private static FaultCase backup(String phase, String what, Strike strike, Outcome expected) {
    return new FaultCase("backup/%s/%s".formatted(phase, what), false, in(phase, strike), expected);
  }

  private static FaultCase restore(String phase, String what, Strike strike, Outcome expected) {
    return new FaultCase("restore/%s/%s".formatted(phase, what), true, in(phase, strike), expected);
  }

  private static Strike in(String phase, Strike strike) {
    return (world, operation) -> {
      operation.awaitPhase(phase);
      strike.on(world, operation);
    };
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
                .append("force", org.bson.BsonBoolean.TRUE));
    world.cluster().sets().get(0).awaitPrimary();
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
    world.removeWorker();
    TimeUnit.SECONDS.sleep(AWAY_SECONDS);
    world.returnWorker();
  }

  /** By a person in the UI; then a person mends the cluster. */
  private static void terminate(FaultWorld world, FaultCase.Running operation) throws Exception {
    Process process =
        new ProcessBuilder(
                world.temporal().program().toString(),
                "workflow",
                "terminate",
                "--workflow-id",
                operation.workflowId(),
                "--reason",
                "fault campaign",
                "--address",
                world.temporal().address())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.waitFor(60, TimeUnit.SECONDS);
    RecoverClusterResult result =
        world.client().recover(RecoverClusterRequest.of(FaultWorld.CLUSTER));
    if (result.failed()) {
      throw new AssertionError("recover could not mend everything: " + result);
    }
  }

  private static void signal(String signal, long pid) throws Exception {
    new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor(5, TimeUnit.SECONDS);
  }
}
