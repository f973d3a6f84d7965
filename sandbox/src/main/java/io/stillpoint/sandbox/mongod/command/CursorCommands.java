package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.auth.Access;
import io.stillpoint.sandbox.auth.Resource;
import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.cursor.ServerCursor;
import io.stillpoint.sandbox.mongod.cursor.Sessions;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Cursors between requests, and the sessions that hold them. */
final class CursorCommands {
  private final Mongod mongod;
  private final NodeAccess access;

  CursorCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
  }

  void register(Map<String, Command> commands) {
    commands.put("getMore", this::getMore);
    commands.put("killCursors", this::killCursors);
    commands.put("startSession", r -> startSession());
    commands.put("endSessions", this::endSessions);
    commands.put("refreshSessions", this::refreshSessions);
    commands.put("killSessions", this::killSessions);
    commands.put("killAllSessions", r -> killAllSessions());
    commands.put("currentOp", r -> new BsonDocument("inprog", new BsonArray()));
    commands.put("killOp", r -> new BsonDocument("info", new BsonString("attempting to kill op")));
  }

  private BsonDocument getMore(Request request) {
    ServerCursor cursor = mongod.cursors().get(request.argument().asNumber().longValue());
    boolean local = request.db().equals("local");
    if (!local) {
      access.requireMember();
    }
    String ns = request.db() + "." + request.text("collection", "");
    long id = cursor == null ? request.argument().asNumber().longValue() : cursor.id();
    return mongod.cursors().getMore(id, ns, request.client(), request.command());
  }

  private BsonDocument killCursors(Request request) {
    BsonArray killed = new BsonArray();
    BsonArray notFound = new BsonArray();
    for (BsonValue id : request.command().getArray("cursors")) {
      requireOwner(request, id.asNumber().longValue());
      boolean was = mongod.cursors().kill(id.asNumber().longValue());
      (was ? killed : notFound).add(new BsonInt64(id.asNumber().longValue()));
    }
    return new BsonDocument("cursorsKilled", killed)
        .append("cursorsNotFound", notFound)
        .append("cursorsAlive", new BsonArray())
        .append("cursorsUnknown", new BsonArray());
  }

  private void requireOwner(Request request, long id) {
    ServerCursor cursor = mongod.cursors().get(id);
    boolean own = cursor == null || Objects.equals(cursor.user(), request.user());
    if (!own && !mongod.access().may(request.connection(), Resource.CLUSTER, "killAnyCursor")) {
      throw Access.notAuthorized(request.db(), request.command());
    }
  }

  private BsonDocument startSession() {
    BsonBinary id = io.stillpoint.sandbox.mongod.Store.newUuid();
    mongod.sessions().use(id);
    return new BsonDocument("id", new BsonDocument("id", id))
        .append("timeoutMinutes", sessionTimeout());
  }

  private BsonInt32 sessionTimeout() {
    return new BsonInt32((int) mongod.parameters().number("localLogicalSessionTimeoutMinutes"));
  }

  private static List<BsonBinary> ids(Request request) {
    List<BsonBinary> ids = new ArrayList<>();
    for (BsonValue session : request.argument().asArray()) {
      if (!session.isDocument() || !session.asDocument().isBinary("id")) {
        throw new CommandException(9, "FailedToParse", "a session needs an id of type UUID");
      }
      ids.add(session.asDocument().getBinary("id"));
    }
    return ids;
  }

  private BsonDocument endSessions(Request request) {
    ids(request).forEach(mongod.sessions()::end);
    return new BsonDocument();
  }

  private BsonDocument refreshSessions(Request request) {
    ids(request).forEach(mongod.sessions()::use);
    return new BsonDocument();
  }

  private BsonDocument killSessions(Request request) {
    if (request.argument().asArray().isEmpty()) {
      return killAllSessions();
    }
    ids(request).forEach(mongod.sessions()::kill);
    return new BsonDocument();
  }

  private BsonDocument killAllSessions() {
    mongod.sessions().killAll();
    return new BsonDocument();
  }

  /** The documents of {@code $currentOp} with {@code idleCursors: true}. */
  static List<BsonDocument> idleCursors(Mongod mongod, Predicate<ServerCursor> visible) {
    List<BsonDocument> documents = new ArrayList<>();
    for (ServerCursor cursor : mongod.cursors().all().stream().filter(visible).toList()) {
      BsonDocument idle =
          new BsonDocument("type", new BsonString("idleCursor"))
              .append("host", new BsonString("127.0.0.1:" + mongod.options().port()))
              .append("ns", new BsonString(cursor.ns()));
      if (cursor.session() != null) {
        idle.append("lsid", Sessions.identity(cursor.session(), cursor.user()));
      }
      BsonDocument details =
          new BsonDocument("cursorId", new BsonInt64(cursor.id()))
              .append("createdDate", new BsonDateTime(cursor.created()))
              .append("lastAccessDate", new BsonDateTime(cursor.lastUseDate()))
              .append("nDocsReturned", new BsonInt64(0))
              .append("nBatchesReturned", new BsonInt64(1))
              .append("noCursorTimeout", BsonBoolean.FALSE)
              .append("tailable", BsonBoolean.valueOf(cursor.tailable()))
              .append("awaitData", BsonBoolean.FALSE)
              .append("originatingCommand", cursor.originatingCommand());
      documents.add(idle.append("planSummary", new BsonString("")).append("cursor", details));
    }
    return documents;
  }

  /** The operations that run now: this server shows only the one that asks. */
  static BsonDocument activeOperation(Mongod mongod, Request request) {
    return new BsonDocument("type", new BsonString("op"))
        .append("host", new BsonString("127.0.0.1:" + mongod.options().port()))
        .append("desc", new BsonString("conn" + request.connection().id()))
        .append("connectionId", new BsonInt64(request.connection().id()))
        .append("active", BsonBoolean.TRUE)
        .append("opid", new BsonInt32((int) request.connection().id()))
        .append("op", new BsonString("command"))
        .append("ns", new BsonString(request.db() + ".$cmd.aggregate"))
        .append("command", request.command());
  }
}
