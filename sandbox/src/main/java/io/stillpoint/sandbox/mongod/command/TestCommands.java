package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/** Fail points, as a server with {@code enableTestCommands} has them. */
final class TestCommands {
  /** Where a real donor can be told to hang; simulated routers do its work, and ask it. */
  private static final String HANG = "moveChunkHangAtStep";

  private static final long PAUSE_MILLIS = 10;

  private final Mongod mongod;
  private final Set<String> hanging = ConcurrentHashMap.newKeySet();

  TestCommands(Mongod mongod) {
    this.mongod = mongod;
  }

  void register(Map<String, Command> commands) {
    commands.put("configureFailPoint", this::failPoint);
    commands.put("_simulatedMoveChunkStep", this::step);
  }

  private BsonDocument step(Request request) throws InterruptedException {
    String failPoint = HANG + request.argument().asNumber().intValue();
    while (hanging.contains(failPoint) && !request.connection().clientIsGone()) {
      Thread.sleep(PAUSE_MILLIS);
    }
    return new BsonDocument();
  }

  private BsonDocument failPoint(Request request) {
    String name = request.argument().asString().getValue();
    boolean on =
        request.command().isString("mode")
            ? !request.text("mode", "off").equals("off")
            : request.command().isDocument("mode");
    switch (name) {
      case "backupCursorErrorAfterOpen" -> mongod.backups().failAfterOpen(on);
      case "pauseJournalFlusherThread" ->
          mongod.replication().ifPresent(replication -> replication.pauseFlush(on));
      case "simulatedHoldHotBackup" -> mongod.backups().holdHotBackups(on);
      case "stopReplProducer", "rsSyncApplyStop" ->
          mongod.replication().ifPresent(replication -> replication.fetcher().pause(on));
      case HANG + "4", HANG + "6" -> hang(name, on);
      default ->
          throw new CommandException(
              249, "FailPointSetFailed", "failpoint " + name + " is not part of the simulation");
    }
    return new BsonDocument("count", new BsonInt32(0));
  }

  private void hang(String name, boolean on) {
    if (on) {
      hanging.add(name);
    } else {
      hanging.remove(name);
    }
  }
}
