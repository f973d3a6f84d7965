package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/** Fail points, as a server with {@code enableTestCommands} has them. */
final class TestCommands {
  private final Mongod mongod;

  TestCommands(Mongod mongod) {
    this.mongod = mongod;
  }

  void register(Map<String, Command> commands) {
    commands.put("configureFailPoint", this::failPoint);
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
      default ->
          throw new CommandException(
              249, "FailPointSetFailed", "failpoint " + name + " is not part of the simulation");
    }
    return new BsonDocument("count", new BsonInt32(0));
  }
}
