package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;

/**
 * Which shards take part in the multi-document transactions under way. With one participant it
 * commits by itself; with more, the first one coordinates a two-phase commit.
 */
final class Transactions {
  private static final int MOST_SESSIONS = 10_000;

  private final Map<BsonDocument, State> states = new ConcurrentHashMap<>();

  private record State(long number, Set<String> participants) {}

  /** Makes a shard's first statement of a transaction start it there, and no later one. */
  void join(Request request, String shard, BsonDocument shardCommand) {
    if (!request.inTransaction() || request.name().endsWith("Transaction")) {
      return;
    }
    State state = state(request.command());
    synchronized (state) {
      if (state.participants().add(shard)) {
        shardCommand.put("startTransaction", BsonBoolean.TRUE);
      } else {
        shardCommand.remove("startTransaction");
        shardCommand.remove("readConcern");
      }
    }
  }

  BsonDocument commit(Request request) {
    List<String> participants = participants(request.command());
    if (participants.isEmpty()) {
      return Bson.ok();
    }
    BsonDocument command = request.command();
    if (participants.size() > 1) {
      BsonArray list = new BsonArray();
      participants.forEach(shard -> list.add(doc("shardId", shard)));
      command = request.inherit(doc("coordinateCommitTransaction", 1, "participants", list));
    }
    return request.send(participants.get(0), "admin", command).body();
  }

  BsonDocument abort(Request request) {
    List<String> participants = participants(request.command());
    BsonDocument reply = Bson.ok();
    for (String shard : participants) {
      reply = request.send(shard, "admin", request.command()).body();
    }
    return reply;
  }

  private List<String> participants(BsonDocument command) {
    State state = states.get(session(command));
    long number = Bson.number(command, "txnNumber", -1);
    if (state == null || state.number() != number) {
      throw new CommandException(
          251,
          "NoSuchTransaction",
          "cannot continue txnNumber " + number + " on this router: it was not started here",
          List.of("TransientTransactionError"));
    }
    synchronized (state) {
      return new ArrayList<>(state.participants());
    }
  }

  private State state(BsonDocument command) {
    long number = Bson.number(command, "txnNumber", -1);
    if (states.size() > MOST_SESSIONS) {
      states.clear();
    }
    return states.compute(
        session(command),
        (session, known) ->
            known != null && known.number() == number
                ? known
                : new State(number, new LinkedHashSet<>()));
  }

  private static BsonDocument session(BsonDocument command) {
    if (!command.isDocument("lsid")) {
      throw new CommandException(
          72, "InvalidOptions", "Transaction number may only be specified with a session");
    }
    return doc("id", command.getDocument("lsid").get("id"));
  }
}
