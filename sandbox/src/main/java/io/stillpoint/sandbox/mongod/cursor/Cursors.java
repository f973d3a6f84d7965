package io.stillpoint.sandbox.mongod.cursor;

import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** The open cursors, and the rules for using and ending them. */
public final class Cursors {
  /** Who asks: the session id and the user; either may be null. */
  public record Client(BsonBinary session, String user) {}

  private final ServerLog log;
  private final Map<Long, ServerCursor> open = new ConcurrentHashMap<>();

  public Cursors(ServerLog log) {
    this.log = log;
  }

  /**
   * The reply to the command that opens a cursor, which is kept unless its first batch is all.
   *
   * @param onClose runs once when the cursor ends, however it ends
   */
  public BsonDocument open(
      String ns,
      Client client,
      BsonDocument command,
      boolean tailable,
      int batchSize,
      Iterator<BsonDocument> documents,
      Runnable onClose) {
    long id = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    ServerCursor cursor =
        new ServerCursor(
            id, ns, client.session(), client.user(), tailable, command, documents, onClose);
    open.put(id, cursor);
    BsonDocument reply = new BsonDocument("firstBatch", cursor.next(batchSize));
    if (cursor.exhausted()) {
      end(cursor);
      id = 0;
    }
    reply.append("id", new BsonInt64(id)).append("ns", new BsonString(ns));
    return new BsonDocument("cursor", reply);
  }

  /**
   * The next batch.
   *
   * @throws CommandException when the cursor is gone, in use, or another session's; the cursor
   *     survives all of these
   */
  public BsonDocument getMore(long id, String ns, Client client, BsonDocument command) {
    ServerCursor cursor = open.get(id);
    if (cursor == null) {
      throw new CommandException(43, "CursorNotFound", "cursor id " + id + " not found");
    }
    requireOwner(cursor, client);
    if (!cursor.ns().equals(ns)) {
      throw new CommandException(
          13,
          "Unauthorized",
          "Requested getMore on namespace '%s', but cursor belongs to a different namespace %s"
              .formatted(ns, cursor.ns()));
    }
    requireSameSession(cursor, client);
    if (command.containsKey("maxTimeMS")) {
      throw new CommandException(
          2, "BadValue", "cannot set maxTimeMS on getMore command for a non-awaitData cursor");
    }
    if (!cursor.acquire()) {
      throw new CommandException(143, "CursorInUse", "cursor id " + id + " is already in use");
    }
    try {
      int batchSize =
          command.containsKey("batchSize")
              ? command.getNumber("batchSize").intValue()
              : Integer.MAX_VALUE;
      BsonDocument reply = new BsonDocument("nextBatch", cursor.next(batchSize));
      boolean done = cursor.exhausted();
      if (done) {
        end(cursor);
      }
      reply.append("id", new BsonInt64(done ? 0 : id)).append("ns", new BsonString(ns));
      return new BsonDocument("cursor", reply);
    } finally {
      cursor.release();
    }
  }

  private static void requireOwner(ServerCursor cursor, Client client) {
    if (cursor.user() == null) {
      return;
    }
    boolean sameSession =
        cursor.session() == null
            ? client.session() == null
            : cursor.session().equals(client.session());
    boolean sameUser = cursor.user().equals(client.user());
    if (!sameUser && cursor.session() == null && client.session() == null) {
      throw new CommandException(
          13,
          "Unauthorized",
          "cursor id %d was not created by the authenticated user".formatted(cursor.id()));
    }
    if (!sameUser || !sameSession) {
      throw new CommandException(
          13,
          "Unauthorized",
          "Cursor session id (%s) is not the same as the operation context's session id (%s)"
              .formatted(name(cursor.session()), name(client.session())));
    }
  }

  private static void requireSameSession(ServerCursor cursor, Client client) {
    BsonBinary owner = cursor.session();
    BsonBinary asker = client.session();
    if (asker != null && owner == null) {
      throw mismatch(
          50736, cursor, "which was not created in a session, in session " + name(asker));
    }
    if (asker == null && owner != null) {
      throw mismatch(
          50737, cursor, "which was created in session " + name(owner) + ", without an lsid");
    }
    if (asker != null && !asker.equals(owner)) {
      throw mismatch(
          50738,
          cursor,
          "which was created in session %s, in session %s".formatted(name(owner), name(asker)));
    }
  }

  private static CommandException mismatch(int code, ServerCursor cursor, String message) {
    return new CommandException(
        code, "Location" + code, "Cannot run getMore on cursor " + cursor.id() + ", " + message);
  }

  private static String name(BsonBinary session) {
    if (session == null) {
      return "none";
    }
    java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap(session.getData());
    return new UUID(bytes.getLong(), bytes.getLong()).toString();
  }

  /** The cursor, or null. */
  public ServerCursor get(long id) {
    return open.get(id);
  }

  /** Ends a cursor; returns whether there was one. */
  public boolean kill(long id) {
    ServerCursor cursor = open.get(id);
    if (cursor != null) {
      end(cursor);
    }
    return cursor != null;
  }

  public void killIf(Predicate<ServerCursor> condition) {
    open.values().stream().filter(condition).forEach(this::end);
  }

  /** Ends the cursors that nobody has used for long; sessions protect theirs on newer servers. */
  public void reap(long timeoutMillis, boolean sessionsProtect) {
    for (ServerCursor cursor : open.values()) {
      boolean exempt = sessionsProtect && cursor.session() != null;
      if (!exempt && cursor.idleLongerThan(timeoutMillis)) {
        log.info(
            "QUERY",
            20529,
            "Cursor timed out",
            "cursorId",
            cursor.id(),
            "idleSince",
            cursor.lastUseDate());
        end(cursor);
      }
    }
  }

  public Collection<ServerCursor> all() {
    return open.values();
  }

  private void end(ServerCursor cursor) {
    cursor.close();
    open.remove(cursor.id());
  }
}
