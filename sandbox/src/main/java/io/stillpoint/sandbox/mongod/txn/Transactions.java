package io.stillpoint.sandbox.mongod.txn;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.command.Request;
import io.stillpoint.sandbox.mongod.command.RetryableWrites;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Filter;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.mongod.repl.OplogApplier;
import io.stillpoint.sandbox.mongod.repl.PreparedTransactions;
import io.stillpoint.sandbox.mongod.repl.Replication;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/**
 * Multi-document transactions. A transaction keeps what it writes to itself until it commits, as
 * one oplog entry. It sees each document as of its first look: writing one that has changed since
 * is a conflict. (Documents that it never looked at before are read as they are now, which is
 * weaker than the real server's snapshot.)
 *
 * <p>Everything runs under the store's write lock, except where said otherwise.
 */
public final class Transactions {
  private final Mongod mongod;
  private final Map<BsonBinary, Transaction> running = new HashMap<>();

  public Transactions(Mongod mongod) {
    this.mongod = mongod;
  }

  private PreparedTransactions prepared() {
    return mongod.replication().orElseThrow(Transactions::notReplicated).prepared();
  }

  private static CommandException notReplicated() {
    return new CommandException(
        20,
        "IllegalOperation",
        "Transaction numbers are only allowed on a replica set member or mongos");
  }

  /** Whether a command is part of a transaction. */
  public boolean active(Request request) {
    return request.command().containsKey("autocommit");
  }

  /** How many are prepared. Takes the read lock. */
  public int preparedCount() {
    return mongod.replication().isEmpty() ? 0 : mongod.store().read(() -> prepared().all().size());
  }

  /** The prepared transactions as {@code $currentOp} shows them. Takes the read lock. */
  public List<BsonDocument> describePrepared() {
    if (mongod.replication().isEmpty()) {
      return List.of();
    }
    return mongod
        .store()
        .read(
            () ->
                prepared().all().stream()
                    .map(
                        p ->
                            new BsonDocument("type", new BsonString("idleSession"))
                                .append("desc", new BsonString("inactive transaction"))
                                .append("lsid", p.entry().getDocument("lsid"))
                                .append(
                                    "transaction",
                                    new BsonDocument(
                                            "parameters",
                                            new BsonDocument(
                                                "txnNumber", p.entry().get("txnNumber")))
                                        .append("timePreparedMicros", preparedMicros(p))))
                    .toList());
  }

  private static BsonInt64 preparedMicros(PreparedTransactions.Prepared transaction) {
    long since = (transaction.at().ts() >>> 32) * 1000;
    return new BsonInt64(Math.max(0, System.currentTimeMillis() - since) * 1000);
  }

  private Transaction of(Request request) {
    BsonDocument lsid = request.command().getDocument("lsid");
    long number = request.command().getNumber("txnNumber").longValue();
    BsonBinary session = lsid.getBinary("id");
    Transaction found = running.get(session);
    if (Update.isTrue(request.command().get("startTransaction"))) {
      if (mongod.replication().isEmpty()) {
        throw notReplicated();
      }
      if (found == null || found.number() < number) {
        found = new Transaction(mongod.sessionDocument(lsid), number);
        running.put(session, found);
      }
      return found;
    }
    if (found == null || found.number() != number) {
      throw transientError(
          251,
          "NoSuchTransaction",
          "Given transaction number %d does not match any in-progress transactions."
              .formatted(number));
    }
    return found;
  }

  private static CommandException transientError(int code, String name, String message) {
    return new CommandException(code, name, message, List.of("TransientTransactionError"));
  }

  /** Reads documents of a namespace, through the transaction if the command is part of one. */
  public List<BsonDocument> read(
      Request request, String ns, Filter filter, Supplier<List<BsonDocument>> committed) {
    if (!active(request)) {
      return mongod.store().read(committed);
    }
    return mongod
        .store()
        .write(
            () -> {
              Transaction transaction = of(request);
              Map<Transaction.Target, BsonDocument> seen = new LinkedHashMap<>();
              for (BsonDocument document : committed.get()) {
                seen.put(Transaction.Target.of(ns, document.get("_id")), document);
              }
              seen.forEach(transaction.read()::putIfAbsent);
              transaction
                  .written()
                  .forEach(
                      (target, document) -> {
                        if (target.ns().equals(ns)) {
                          seen.remove(target);
                          if (document != null && filter.test(document)) {
                            seen.put(target, document);
                          }
                        }
                      });
              return new ArrayList<>(seen.values());
            });
  }

  // ---- statements

  public void insert(Request request, String ns, BsonDocument document) {
    Transaction transaction = of(request);
    Collection into = collection(ns);
    Transaction.Target target = Transaction.Target.of(ns, document.get("_id"));
    requireFree(transaction, target);
    boolean exists =
        transaction.written().containsKey(target)
            ? transaction.written().get(target) != null
            : into.recordOf(document.get("_id")) != null;
    if (exists) {
      throw new CommandException(
          11000,
          "DuplicateKey",
          "E11000 duplicate key error collection: "
              + ns
              + " index: _id_ dup key: "
              + new BsonDocument("_id", document.get("_id")).toJson());
    }
    transaction.written().put(target, document);
    operation(transaction, "i", into, document, null);
  }

  public BsonDocument update(
      Request request,
      String ns,
      BsonDocument query,
      Update update,
      boolean multi,
      boolean upsert) {
    Transaction transaction = of(request);
    Collection in = collection(ns);
    List<BsonDocument> matches = matches(transaction, in, query, multi ? 0 : 1);
    if (matches.isEmpty() && upsert) {
      BsonDocument document = update.upsert(query);
      insert(request, ns, document);
      return new BsonDocument("n", new BsonInt32(1)).append("upserted", document.get("_id"));
    }
    int modified = 0;
    for (BsonDocument before : matches) {
      BsonDocument after = update.apply(before);
      write(transaction, ns, before, after);
      BsonDocument o = update.isReplacement() ? after : mongod.writer().change(before, after);
      operation(transaction, "u", in, o, new BsonDocument("_id", Documents.copy(after).get("_id")));
      modified++;
    }
    return new BsonDocument("n", new BsonInt32(matches.size()))
        .append("nModified", new BsonInt32(modified));
  }

  public BsonDocument delete(Request request, String ns, BsonDocument query, int limit) {
    Transaction transaction = of(request);
    Collection from = collection(ns);
    List<BsonDocument> matches = matches(transaction, from, query, limit);
    for (BsonDocument document : matches) {
      BsonDocument id = new BsonDocument("_id", Documents.copy(document).get("_id"));
      write(transaction, ns, document, null);
      operation(transaction, "d", from, id, null);
    }
    return new BsonDocument("n", new BsonInt32(matches.size()));
  }

  private Collection collection(String ns) {
    Collection found = mongod.store().catalog().get(ns);
    return found != null ? found : mongod.writer().collection(ns);
  }

  private List<BsonDocument> matches(
      Transaction transaction, Collection in, BsonDocument query, int limit) {
    Filter filter = Filter.parse(query);
    List<BsonDocument> found = new ArrayList<>();
    for (long record : in.find(filter, 0)) {
      BsonDocument document = in.document(record);
      if (!transaction.written().containsKey(Transaction.Target.of(in.ns(), document.get("_id")))) {
        found.add(document);
      }
    }
    transaction
        .written()
        .forEach(
            (target, document) -> {
              if (target.ns().equals(in.ns()) && document != null && filter.test(document)) {
                found.add(document);
              }
            });
    return limit > 0 && found.size() > limit ? found.subList(0, limit) : found;
  }

  private void write(Transaction transaction, String ns, BsonDocument before, BsonDocument after) {
    Transaction.Target target = Transaction.Target.of(ns, before.get("_id"));
    requireFree(transaction, target);
    BsonDocument seen = transaction.read().get(target);
    boolean own = transaction.written().containsKey(target);
    if (!own
        && seen != null
        && !java.util.Arrays.equals(Documents.encode(seen), Documents.encode(before))) {
      throw conflict();
    }
    transaction.written().put(target, after);
  }

  private void operation(
      Transaction transaction, String op, Collection in, BsonDocument o, BsonDocument o2) {
    BsonDocument operation =
        new BsonDocument("op", new BsonString(op))
            .append("ns", new BsonString(in.ns()))
            .append("ui", in.uuid())
            .append("o", o);
    if (o2 != null) {
      operation.append("o2", o2);
    }
    transaction.operations().add(operation);
  }

  // ---- conflicts

  /**
   * Checks that no transaction holds a document.
   *
   * @throws CommandException 112 when one does
   */
  public void requireFree(String ns, BsonValue id) {
    if (running.isEmpty() && (mongod.replication().isEmpty() || prepared().all().isEmpty())) {
      return;
    }
    requireFree(null, Transaction.Target.of(ns, id));
  }

  private void requireFree(Transaction own, Transaction.Target target) {
    for (Transaction other : running.values()) {
      if (other != own && other.written().containsKey(target)) {
        throw conflict();
      }
    }
    if (mongod.replication().isEmpty()) {
      return;
    }
    for (PreparedTransactions.Prepared other : prepared().all()) {
      for (BsonValue value : other.operations()) {
        BsonDocument operation = value.asDocument();
        BsonDocument key = operation.getDocument(operation.containsKey("o2") ? "o2" : "o");
        if (target.equals(
            Transaction.Target.of(operation.getString("ns").getValue(), key.get("_id")))) {
          throw conflict();
        }
      }
    }
  }

  private static CommandException conflict() {
    return transientError(
        112,
        "WriteConflict",
        "WriteConflict error: this operation conflicted with another operation. Please retry your"
            + " operation or multi-document transaction.");
  }

  /**
   * Whether a prepared transaction has written to a namespace at or before a time, so that a read
   * of that time has to wait for its outcome. Takes the read lock.
   */
  public boolean undecided(String ns, long ts) {
    return mongod
        .store()
        .read(
            () ->
                prepared().all().stream()
                    .filter(p -> p.at().ts() <= ts)
                    .flatMap(p -> p.operations().stream())
                    .anyMatch(o -> o.asDocument().getString("ns").getValue().equals(ns)));
  }

  // ---- the end of a transaction

  /** {@code prepareTransaction}: returns the prepare timestamp. */
  public BsonTimestamp prepare(Request request) {
    PreparedTransactions.Key key = PreparedTransactions.Key.of(request.command());
    PreparedTransactions.Prepared before = prepared().get(key);
    if (before != null) {
      return new BsonTimestamp(before.at().ts());
    }
    Transaction transaction = of(request);
    BsonDocument o =
        new BsonDocument("applyOps", transaction.operations()).append("prepare", BsonBoolean.TRUE);
    log(transaction.lsid(), transaction.number(), o);
    running.remove(key.session());
    return new BsonTimestamp(replication().oplog().last().ts());
  }

  private Replication replication() {
    return mongod.replication().orElseThrow(Transactions::notReplicated);
  }

  private void log(BsonDocument lsid, long number, BsonDocument o) {
    BsonDocument entry =
        new BsonDocument("lsid", lsid).append("txnNumber", new BsonInt64(number)).append("o", o);
    Replication replication = replication();
    long ts = replication.clock().tick();
    replication
        .set()
        .wrote(replication.oplog().log(ts, replication.set().term(), "c", "admin.$cmd", entry));
    new OplogApplier(mongod.store(), replication.prepared())
        .apply(
            Documents.copy(entry)
                .append("op", new BsonString("c"))
                .append("ns", new BsonString("admin.$cmd"))
                .append("ts", new BsonTimestamp(ts))
                .append("t", new BsonInt64(replication.set().term())));
  }

  /** {@code commitTransaction}, of a prepared one with its commit timestamp or of a plain one. */
  public void commit(Request request) {
    PreparedTransactions.Key key = PreparedTransactions.Key.of(request.command());
    PreparedTransactions.Prepared before = prepared().get(key);
    BsonDocument lsid = mongod.sessionDocument(request.command().getDocument("lsid"));
    if (before != null) {
      if (!request.command().containsKey("commitTimestamp")) {
        throw new CommandException(
            72,
            "InvalidOptions",
            "commitTransaction on a prepared transaction requires a commitTimestamp");
      }
      BsonTimestamp at = request.command().getTimestamp("commitTimestamp");
      replication().clock().advance(at.getValue());
      log(
          lsid,
          key.number(),
          new BsonDocument("commitTransaction", new BsonInt32(1))
              .append("commitTimestamp", at)
              .append("prepared", BsonBoolean.TRUE));
      mongod
          .retryableWrites()
          .note(lsid, new BsonInt64(key.number()), RetryableWrites.COMMITTED, new BsonDocument());
      return;
    }
    if (mongod
            .retryableWrites()
            .executed(lsid, new BsonInt64(key.number()), RetryableWrites.COMMITTED)
        != null) {
      return;
    }
    Transaction transaction = of(request);
    running.remove(key.session());
    if (!transaction.operations().isEmpty()) {
      log(lsid, key.number(), new BsonDocument("applyOps", transaction.operations()));
    }
    mongod
        .retryableWrites()
        .note(lsid, new BsonInt64(key.number()), RetryableWrites.COMMITTED, new BsonDocument());
  }

  /** {@code abortTransaction}. */
  public void abort(Request request) {
    PreparedTransactions.Key key = PreparedTransactions.Key.of(request.command());
    if (prepared().get(key) != null) {
      log(
          mongod.sessionDocument(request.command().getDocument("lsid")),
          key.number(),
          new BsonDocument("abortTransaction", new BsonInt32(1)));
      return;
    }
    of(request);
    running.remove(key.session());
  }

  /** Throws away what is in progress: this node is no longer primary, or they took too long. */
  public void abortRunning(long olderThanSeconds) {
    running.values().removeIf(t -> t.olderThan(olderThanSeconds));
  }
}
