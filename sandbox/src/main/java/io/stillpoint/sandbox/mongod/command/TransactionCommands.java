package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;

/** The ends of a transaction on this node. */
final class TransactionCommands {
  private final Mongod mongod;
  private final NodeAccess access;

  TransactionCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
  }

  void register(Map<String, Command> commands) {
    commands.put("prepareTransaction", this::prepare);
    commands.put("commitTransaction", r -> end(r, () -> mongod.transactions().commit(r)));
    commands.put("coordinateCommitTransaction", this::coordinate);
    commands.put("abortTransaction", r -> end(r, () -> mongod.transactions().abort(r)));
  }

  private BsonDocument prepare(Request request) throws InterruptedException {
    BsonTimestamp at =
        mongod
            .store()
            .write(
                () -> {
                  access.requireWritable(request.db() + ".");
                  return mongod.transactions().prepare(request);
                });
    return access.awaitWriteConcern(request, new BsonDocument("prepareTimestamp", at));
  }

  private BsonDocument coordinate(Request request) throws InterruptedException {
    mongod.coordinator().coordinate(request.command());
    return new BsonDocument();
  }

  private BsonDocument end(Request request, Runnable action) throws InterruptedException {
    mongod
        .store()
        .write(
            () -> {
              access.requireWritable(request.db() + ".");
              action.run();
            });
    return access.awaitWriteConcern(request, new BsonDocument());
  }
}
