package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Filter;
import io.stillpoint.sandbox.mongod.query.Pipeline;
import io.stillpoint.sandbox.mongod.query.Projection;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;

/** {@code insert}, {@code update}, {@code delete} and {@code findAndModify}. */
final class WriteCommands {
  private static final int WRITE_CONFLICT = 112;
  private static final long CONFLICT_PAUSE_MILLIS = 5;

  private final Mongod mongod;
  private final NodeAccess access;
  private final DataWriter writer;
  private final RetryableWrites retryable;

  WriteCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
    this.writer = mongod.writer();
    this.retryable = mongod.retryableWrites();
  }

  void register(Map<String, Command> commands) {
    commands.put("insert", this::insert);
    commands.put("update", this::update);
    commands.put("delete", this::delete);
    NodeAccess.put(commands, this::findAndModify, "findAndModify", "findandmodify");
  }

  private BsonDocument insert(Request request) throws InterruptedException {
    BsonArray documents = request.command().getArray("documents");
    if (documents.isEmpty()) {
      throw new CommandException(
          16, "InvalidLength", "Write batch sizes must be between 1 and 100000");
    }
    return batch(
        request,
        documents.size(),
        i -> {
          BsonDocument document = Update.withId(documents.get(i).asDocument());
          if (mongod.transactions().active(request)) {
            mongod.transactions().insert(request, request.ns(), document);
          } else {
            Collection into = writer.collection(request.ns());
            mongod.transactions().requireFree(request.ns(), document.get("_id"));
            writer.insert(into, document, origin(request, i));
          }
          return new BsonDocument("n", new BsonInt32(1));
        });
  }

  private BsonDocument update(Request request) throws InterruptedException {
    BsonArray updates = request.command().getArray("updates");
    return batch(request, updates.size(), i -> updateOne(request, updates.get(i).asDocument(), i));
  }

  private BsonDocument updateOne(Request request, BsonDocument statement, int number) {
    BsonDocument query = statement.getDocument("q");
    Update update =
        Update.parse(
            statement.get("u"),
            statement.isArray("arrayFilters") ? statement.getArray("arrayFilters") : null);
    boolean multi = Update.isTrue(statement.get("multi"));
    boolean upsert = Update.isTrue(statement.get("upsert"));
    if (mongod.transactions().active(request)) {
      return mongod.transactions().update(request, request.ns(), query, update, multi, upsert);
    }
    Collection collection =
        upsert ? writer.collection(request.ns()) : mongod.store().catalog().get(request.ns());
    List<Long> records =
        collection == null ? List.of() : collection.find(Filter.parse(query), multi ? 0 : 1);
    if (records.isEmpty() && upsert) {
      BsonDocument document = update.upsert(query);
      writer.insert(collection, document, origin(request, number));
      return new BsonDocument("n", new BsonInt32(1))
          .append("nModified", new BsonInt32(0))
          .append("upserted", document.get("_id"));
    }
    requireFree(collection, records);
    int modified = 0;
    for (long record : records) {
      modified += change(collection, record, update, origin(request, number)) ? 1 : 0;
    }
    return new BsonDocument("n", new BsonInt32(records.size()))
        .append("nModified", new BsonInt32(modified));
  }

  /** Checked for all before any is written, because the statement is repeated on a conflict. */
  private void requireFree(Collection collection, List<Long> records) {
    for (long record : records) {
      mongod.transactions().requireFree(collection.ns(), collection.document(record).get("_id"));
    }
  }

  private boolean change(
      Collection collection, long record, Update update, DataWriter.Origin origin) {
    BsonDocument before = collection.document(record);
    BsonDocument after = update.apply(before);
    if (java.util.Arrays.equals(Documents.encode(before), Documents.encode(after))) {
      return false;
    }
    writer.update(collection, record, before, after, update.isReplacement(), origin);
    return true;
  }

  private BsonDocument delete(Request request) throws InterruptedException {
    BsonArray deletes = request.command().getArray("deletes");
    return batch(
        request,
        deletes.size(),
        i -> {
          BsonDocument statement = deletes.get(i).asDocument();
          int limit = statement.getNumber("limit", new BsonInt32(0)).intValue();
          BsonDocument query = statement.getDocument("q");
          if (mongod.transactions().active(request)) {
            return mongod.transactions().delete(request, request.ns(), query, limit);
          }
          Collection collection = mongod.store().catalog().get(request.ns());
          List<Long> records =
              collection == null ? List.of() : collection.find(Filter.parse(query), limit);
          requireFree(collection, records);
          records.forEach(r -> writer.delete(collection, r, origin(request, i)));
          return new BsonDocument("n", new BsonInt32(records.size()));
        });
  }

  private DataWriter.Origin origin(Request request, int index) {
    boolean retry = request.command().containsKey("txnNumber");
    return new DataWriter.Origin(
        retry ? mongod.sessionDocument(request.command().getDocument("lsid")) : null,
        retry ? request.command().get("txnNumber") : null,
        statement(request, index),
        Update.isTrue(request.command().get("fromMigrate")));
  }

  private static int statement(Request request, int index) {
    if (request.command().isArray("stmtIds")) {
      return request.command().getArray("stmtIds").get(index).asNumber().intValue();
    }
    return request.number("stmtId", 0) + index;
  }

  /** Runs the statements of one command; each is atomic, and a failed one is reported by index. */
  private BsonDocument batch(Request request, int size, IntFunction<BsonDocument> statement)
      throws InterruptedException {
    boolean ordered =
        !request.command().containsKey("ordered")
            || Update.isTrue(request.command().get("ordered"));
    boolean transaction = mongod.transactions().active(request);
    int n = 0;
    int modified = 0;
    BsonArray upserted = new BsonArray();
    BsonArray errors = new BsonArray();
    for (int i = 0; i < size; i++) {
      int index = i;
      try {
        BsonDocument result =
            transaction
                ? mongod.store().write(() -> statement.apply(index))
                : patiently(request, () -> once(request, index, () -> statement.apply(index)));
        n += result.getInt32("n").getValue();
        modified += result.getInt32("nModified", new BsonInt32(0)).getValue();
        if (result.containsKey("upserted")) {
          upserted.add(
              new BsonDocument("index", new BsonInt32(i)).append("_id", result.get("upserted")));
        }
      } catch (CommandException e) {
        if (transaction || isOfNode(e.code())) {
          throw e;
        }
        BsonDocument error =
            new BsonDocument("index", new BsonInt32(i))
                .append("code", new BsonInt32(e.code()))
                .append("errmsg", new BsonString(e.getMessage()));
        BsonDocument reply = e.toReply();
        List.of("keyPattern", "keyValue")
            .forEach(key -> error.put(key, reply.get(key, BsonNull.VALUE)));
        error.values().removeIf(BsonValue::isNull);
        errors.add(error);
        if (ordered) {
          break;
        }
      }
    }
    BsonDocument reply = new BsonDocument("n", new BsonInt32(n));
    if (request.name().equals("update")) {
      reply.append("nModified", new BsonInt32(modified));
    }
    if (!upserted.isEmpty()) {
      reply.append("upserted", upserted);
    }
    if (!errors.isEmpty()) {
      reply.append("writeErrors", errors);
    }
    return transaction ? reply : access.awaitWriteConcern(request, reply);
  }

  private static boolean isOfNode(int code) {
    return List.of(10107, 13435, 13436, 91, 11600, 11602, 225, 20, 112, 50, 279).contains(code);
  }

  private interface Statement {
    BsonDocument run();
  }

  /** Waits while a transaction holds the document; only then does a plain write go on. */
  private BsonDocument patiently(Request request, Supplier<BsonDocument> action)
      throws InterruptedException {
    int limit = request.number("maxTimeMS", 0);
    long deadline = limit > 0 ? System.nanoTime() + limit * 1_000_000L : Long.MAX_VALUE;
    while (true) {
      try {
        return mongod.store().write(action);
      } catch (CommandException e) {
        if (e.code() != WRITE_CONFLICT) {
          throw e;
        }
        if (System.nanoTime() > deadline) {
          throw new CommandException(50, "MaxTimeMSExpired", "operation exceeded time limit");
        }
        if (request.connection().clientIsGone()) {
          throw new CommandException(279, "ClientDisconnect", "operation was interrupted");
        }
        Thread.sleep(CONFLICT_PAUSE_MILLIS);
      }
    }
  }

  /** Runs a statement unless it is the repetition of one that was executed. */
  private BsonDocument once(Request request, int index, Statement statement) {
    access.requireWritable(request.ns());
    BsonDocument lsid =
        request.command().isDocument("lsid") ? request.command().getDocument("lsid") : null;
    BsonValue txnNumber = request.command().get("txnNumber");
    int number = statement(request, index);
    BsonDocument before = retryable.executed(lsid, txnNumber, number);
    if (before != null) {
      return before;
    }
    BsonDocument result = statement.run();
    retryable.note(lsid, txnNumber, number, result);
    return result;
  }

  private BsonDocument findAndModify(Request request) throws InterruptedException {
    if (mongod.transactions().active(request)) {
      throw new CommandException(
          263,
          "OperationNotSupportedInTransaction",
          "findAndModify in a transaction is not simulated");
    }
    BsonDocument reply =
        patiently(request, () -> once(request, 0, () -> findAndModifyOne(request)));
    return access.awaitWriteConcern(request, Documents.copy(reply));
  }

  private BsonDocument findAndModifyOne(Request request) {
    BsonDocument query = request.document("query");
    boolean remove = Update.isTrue(request.command().get("remove"));
    boolean upsert = Update.isTrue(request.command().get("upsert"));
    boolean wantNew = Update.isTrue(request.command().get("new"));
    Projection fields = Projection.parse(request.document("fields"));
    Collection collection =
        upsert ? writer.collection(request.ns()) : mongod.store().catalog().get(request.ns());
    Long record = collection == null ? null : first(collection, query, request.document("sort"));
    BsonDocument last = new BsonDocument("n", new BsonInt32(record == null ? 0 : 1));
    BsonValue value = BsonNull.VALUE;
    if (remove) {
      if (record != null) {
        requireFree(collection, List.of(record));
        value = fields.apply(Documents.copy(collection.document(record)));
        writer.delete(collection, record, origin(request, 0));
      }
      return new BsonDocument("lastErrorObject", last).append("value", value);
    }
    Update update =
        Update.parse(
            request.command().get("update"),
            request.command().isArray("arrayFilters")
                ? request.command().getArray("arrayFilters")
                : null);
    last.append("updatedExisting", BsonBoolean.valueOf(record != null));
    if (record != null) {
      requireFree(collection, List.of(record));
      BsonDocument before = Documents.copy(collection.document(record));
      change(collection, record, update, origin(request, 0));
      value = fields.apply(wantNew ? Documents.copy(collection.document(record)) : before);
    } else if (upsert) {
      BsonDocument document = update.upsert(query);
      writer.insert(collection, document, origin(request, 0));
      last.append("upserted", document.get("_id")).put("n", new BsonInt32(1));
      value = wantNew ? fields.apply(document) : BsonNull.VALUE;
    }
    return new BsonDocument("lastErrorObject", last).append("value", value);
  }

  private static Long first(Collection collection, BsonDocument query, BsonDocument sort) {
    List<Long> records = collection.find(Filter.parse(query), sort.isEmpty() ? 1 : 0);
    return records.stream()
        .min((a, b) -> Pipeline.sort(sort).compare(collection.document(a), collection.document(b)))
        .orElse(null);
  }
}
