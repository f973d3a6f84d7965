package io.stillpoint.sandbox.mongod.txn;

import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.command.DataWriter;
import io.stillpoint.sandbox.mongod.command.RetryableWrites;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.repl.Replication;
import io.stillpoint.sandbox.mongod.repl.WriteConcerns;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/**
 * Two-phase commit of transactions that wrote on several shards. The list of participants is
 * majority-written before anything is prepared, the decision before anything is committed, and the
 * document goes when all have acknowledged: so a new primary, or a restored one, can finish it.
 */
public final class TransactionCoordinator {
  private static final String NS = "config.transaction_coordinators";
  private static final int NO_SUCH_TRANSACTION = 251;
  private static final BsonDocument MAJORITY = new BsonDocument("w", new BsonString("majority"));

  private final Mongod mongod;
  private final Participants participants;

  public TransactionCoordinator(Mongod mongod) {
    this.mongod = mongod;
    this.participants = new Participants(mongod);
  }

  /**
   * Commits a transaction on all participants; returns when they have acknowledged.
   *
   * @throws CommandException 251 when a participant could not prepare: aborted everywhere
   */
  public void coordinate(BsonDocument command) throws InterruptedException {
    BsonDocument id = id(command.getDocument("lsid"), command.getNumber("txnNumber").longValue());
    BsonArray shards = new BsonArray();
    command.getArray("participants").forEach(p -> shards.add(p.asDocument().getString("shardId")));
    if (isCommittedHere(command)) {
      return;
    }
    BsonDocument state = saved(id);
    if (state == null) {
      state = new BsonDocument("_id", id).append("participants", shards);
      save(state);
    }
    if (!finish(state)) {
      throw new CommandException(
          NO_SUCH_TRANSACTION,
          "NoSuchTransaction",
          "Transaction was aborted: a participant could not prepare",
          List.of("TransientTransactionError"));
    }
  }

  /**
   * Whether an earlier call, whose reply the client did not get, has committed already: this node
   * is the first participant that a decision is delivered to. Preparing once more would fail and
   * tell the client that the transaction was aborted.
   */
  private boolean isCommittedHere(BsonDocument command) {
    BsonDocument lsid = mongod.sessionDocument(command.getDocument("lsid"));
    BsonInt64 number = new BsonInt64(command.getNumber("txnNumber").longValue());
    return mongod
                .store()
                .read(
                    () ->
                        mongod.retryableWrites().executed(lsid, number, RetryableWrites.COMMITTED))
            != null
        && saved(id(command.getDocument("lsid"), number.getValue())) == null;
  }

  /** What an earlier call, or the primary before this one, has written; or null. */
  private BsonDocument saved(BsonDocument id) {
    return mongod
        .store()
        .read(
            () -> {
              Collection states = mongod.store().catalog().get(NS);
              Long record = states == null ? null : states.recordOf(id);
              return record == null ? null : Documents.copy(states.document(record));
            });
  }

  private BsonDocument id(BsonDocument lsid, long number) {
    return new BsonDocument("lsid", mongod.sessionDocument(lsid))
        .append("txnNumber", new BsonInt64(number));
  }

  /** Takes up what the former primary, or the time before a restore, left unfinished. */
  public void resume() {
    List<BsonDocument> left =
        mongod
            .store()
            .read(
                () -> {
                  Collection states = mongod.store().catalog().get(NS);
                  return states == null
                      ? List.of()
                      : states.rows().values().stream().map(Documents::decode).toList();
                });
    boolean withoutRole = !mongod.options().isShardServer() && !mongod.options().isConfigServer();
    if (left.isEmpty() || withoutRole) {
      return;
    }
    mongod
        .log()
        .info(
            "TXN",
            22452,
            "Need to resume coordinating commit for transactions with an in-progress two-phase"
                + " commit/abort",
            "numPendingTransactions",
            left.size());
    for (BsonDocument state : left) {
      Thread thread = new Thread(() -> finishInBackground(state), "TransactionCoordinator");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void finishInBackground(BsonDocument state) {
    try {
      boolean committed = finish(state);
      mongod
          .log()
          .info(
              "TXN",
              51804,
              "two-phase commit",
              "parameters",
              state.getDocument("_id"),
              "terminationCause",
              committed ? "committed" : "aborted");
    } catch (FatalError e) {
      mongod.die(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (CommandException e) {
      mongod.log().info("TXN", 22453, "Coordination ended", "reason", e.getMessage());
    }
  }

  /** Runs the protocol from whatever point its document shows; returns whether it committed. */
  private boolean finish(BsonDocument state) throws InterruptedException {
    if (!state.containsKey("decision")) {
      state.put("decision", decide(state));
      save(state);
    }
    BsonDocument decision = state.getDocument("decision");
    boolean commit = decision.getString("decision").getValue().equals("commit");
    BsonDocument command =
        commit
            ? command("commitTransaction", state)
                .append("commitTimestamp", decision.get("commitTimestamp"))
            : command("abortTransaction", state);
    for (BsonValue shard : state.getArray("participants")) {
      deliver(shard.asString().getValue(), command);
    }
    remove(state);
    return commit;
  }

  private static BsonDocument command(String name, BsonDocument state) {
    BsonDocument id = state.getDocument("_id");
    BsonDocument lsid = new BsonDocument("id", id.getDocument("lsid").get("id"));
    return new BsonDocument(name, new org.bson.BsonInt32(1))
        .append("lsid", lsid)
        .append("txnNumber", id.get("txnNumber"))
        .append("autocommit", org.bson.BsonBoolean.FALSE)
        .append("writeConcern", MAJORITY);
  }

  private BsonDocument decide(BsonDocument state) throws InterruptedException {
    long latest = 0;
    for (BsonValue shard : state.getArray("participants")) {
      BsonDocument reply =
          participants.send(shard.asString().getValue(), command("prepareTransaction", state));
      if (reply.getNumber("ok").intValue() != 1) {
        return new BsonDocument("decision", new BsonString("abort"))
            .append(
                "abortStatus",
                new BsonDocument("code", reply.get("code")).append("errmsg", reply.get("errmsg")));
      }
      latest = Math.max(latest, reply.getTimestamp("prepareTimestamp").getValue());
    }
    replication().clock().advance(latest);
    return new BsonDocument("decision", new BsonString("commit"))
        .append("commitTimestamp", new BsonTimestamp(latest));
  }

  private void deliver(String shard, BsonDocument command) throws InterruptedException {
    BsonDocument reply = participants.send(shard, command);
    // An abort of what was never prepared, or is aborted already, is what was wanted.
    boolean gone =
        reply.containsKey("code")
            && reply.getNumber("code").intValue() == NO_SUCH_TRANSACTION
            && command.getFirstKey().equals("abortTransaction");
    if (reply.getNumber("ok").intValue() != 1 && !gone) {
      throw CommandException.of(reply);
    }
  }

  private Replication replication() {
    return mongod.replication().orElseThrow();
  }

  private void requirePrimary() {
    if (!replication().set().writable()) {
      throw new CommandException(10107, "NotWritablePrimary", "not primary");
    }
  }

  private void save(BsonDocument state) throws InterruptedException {
    mongod
        .store()
        .write(
            () -> {
              requirePrimary();
              DataWriter writer = mongod.writer();
              Collection states = writer.collection(NS);
              Long record = states.recordOf(state.get("_id"));
              BsonDocument copy = Documents.copy(state);
              if (record == null) {
                writer.insert(states, copy, DataWriter.Origin.NONE);
              } else {
                writer.update(
                    states, record, states.document(record), copy, false, DataWriter.Origin.NONE);
              }
            });
    awaitMajority();
  }

  private void remove(BsonDocument state) {
    mongod
        .store()
        .write(
            () -> {
              requirePrimary();
              Collection states = mongod.store().catalog().get(NS);
              Long record = states == null ? null : states.recordOf(state.get("_id"));
              if (record != null) {
                mongod.writer().delete(states, record, DataWriter.Origin.NONE);
              }
            });
  }

  private void awaitMajority() throws InterruptedException {
    BsonDocument error =
        new WriteConcerns(mongod.store(), replication().oplog(), replication().set(), false)
            .await(MAJORITY);
    if (error != null) {
      throw new CommandException(
          error.getInt32("code").getValue(),
          error.getString("codeName").getValue(),
          error.getString("errmsg").getValue());
    }
  }
}
