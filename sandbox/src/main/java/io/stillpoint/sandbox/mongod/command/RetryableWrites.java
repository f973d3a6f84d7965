package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;

/**
 * Which statements of retryable writes were executed, so that a repetition is not applied twice.
 * Guarded by the store's write lock.
 */
public final class RetryableWrites {
  /** The statement number under which the commit of a whole transaction is remembered. */
  public static final int COMMITTED = -1;

  private static final int SESSIONS_KEPT = 10_000;

  private static final class Session {
    private long txnNumber;
    private final Map<Integer, BsonDocument> results = new HashMap<>();
  }

  private final Map<BsonBinary, Session> sessions =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<BsonBinary, Session> eldest) {
          return size() > SESSIONS_KEPT;
        }
      };

  /**
   * The result of a statement that was executed before, or null.
   *
   * @throws CommandException 225 when the session has gone on to a newer transaction number
   */
  public BsonDocument executed(BsonDocument lsid, BsonValue txnNumber, int statement) {
    if (lsid == null || txnNumber == null) {
      return null;
    }
    Session session = sessions.get(lsid.getBinary("id"));
    long number = txnNumber.asNumber().longValue();
    if (session == null || session.txnNumber < number) {
      return null;
    }
    if (session.txnNumber > number) {
      throw new CommandException(
          225,
          "TransactionTooOld",
          "Retryable write with txnNumber %d is prohibited on session because a newer retryable write with txnNumber %d has already started on this session."
              .formatted(number, session.txnNumber));
    }
    return session.results.get(statement);
  }

  public void note(BsonDocument lsid, BsonValue txnNumber, int statement, BsonDocument result) {
    if (lsid == null || txnNumber == null) {
      return;
    }
    Session session = sessions.computeIfAbsent(lsid.getBinary("id"), id -> new Session());
    long number = txnNumber.asNumber().longValue();
    if (session.txnNumber != number) {
      session.txnNumber = number;
      session.results.clear();
    }
    session.results.put(statement, result);
  }

  /** Learns from an oplog entry, when this node becomes primary. */
  public void learn(BsonDocument entry) {
    if (endsTransaction(entry)) {
      note(entry.getDocument("lsid"), entry.get("txnNumber"), COMMITTED, new BsonDocument());
    }
    if (entry.isDocument("lsid") && entry.containsKey("txnNumber") && entry.containsKey("stmtId")) {
      BsonDocument result = new BsonDocument("n", new BsonInt32(1));
      if (entry.getString("op").getValue().equals("u")) {
        result.append("nModified", new BsonInt32(1));
      }
      result.append("recovered", BsonBoolean.TRUE);
      note(
          entry.getDocument("lsid"),
          entry.get("txnNumber"),
          entry.getInt32("stmtId").getValue(),
          result);
    }
  }

  private static boolean endsTransaction(BsonDocument entry) {
    if (!entry.getString("op").getValue().equals("c") || !entry.containsKey("txnNumber")) {
      return false;
    }
    BsonDocument o = entry.getDocument("o");
    boolean prepare = o.getBoolean("prepare", BsonBoolean.FALSE).getValue();
    return o.containsKey("commitTransaction") || o.containsKey("applyOps") && !prepare;
  }
}
