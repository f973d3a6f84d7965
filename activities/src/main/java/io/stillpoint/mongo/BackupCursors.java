package io.stillpoint.mongo;

import com.mongodb.client.ClientSession;
import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens, continues and closes backup cursors. A cursor is tied to a session id and a user, not to a
 * connection, so any worker can continue what another one opened.
 */
public final class BackupCursors implements OpenCursors {

  /** A live operation uses its cursor every few seconds; one that is idle for so long has none. */
  static final Duration ABANDONED = Duration.ofMinutes(2);

  private static final Duration DEAD_AFTER = Duration.ofSeconds(8);

  private static final Logger LOG = LoggerFactory.getLogger(BackupCursors.class);

  private static final String COLLECTION = "$cmd.aggregate";

  private final MongoConnections connections;
  private final FileLists lists;
  private final Duration patience;
  private final Duration abandoned;
  private final Duration deadAfter;

  public BackupCursors(MongoConnections connections, FileLists lists) {
    this(connections, lists, Duration.ofSeconds(30));
  }

  /**
   * @param patience how long an open is repeated that a checkpoint or another cursor prevented
   */
  public BackupCursors(MongoConnections connections, FileLists lists, Duration patience) {
    this(connections, lists, patience, ABANDONED);
  }

  /**
   * @param abandoned after so long without use, another operation's cursor has nobody any more
   */
  public BackupCursors(
      MongoConnections connections, FileLists lists, Duration patience, Duration abandoned) {
    this.abandoned = abandoned;
    this.connections = connections;
    this.lists = lists;
    this.patience = patience;
    this.deadAfter = patience.compareTo(DEAD_AFTER) < 0 ? patience : DEAD_AFTER;
  }

  /**
   * Opens a cursor and drains its file list. Closes before what an earlier try of this operation
   * left, and what another operation of this cluster abandoned.
   *
   * @param tryNumber of this activity; of two tries that run at once only the later keeps a cursor
   */
  public BackupCursor open(OpenRequest request, int tryNumber) {
    ServerConnection server = connections.server(request.cluster(), request.member());
    requireMember(request, server);
    CursorOwner owner = CursorOwner.of(request, tryNumber);
    closeReplaceable(server, owner);
    UUID session = UUID.randomUUID();
    BsonDocument reply = openWithRetries(request, owner, session, server);
    long cursorId = BsonFields.integer(reply, "cursor.id");
    try {
      return new FileListDrain(connections, lists, request, session, cursorId).drain(reply);
    } catch (RuntimeException e) {
      try {
        kill(server, cursorId);
      } catch (StillpointException notClosed) {
        e.addSuppressed(notClosed);
      }
      throw e;
    }
  }

  @Override
  public void touch(BackupCursor cursor) {
    getMore(
        connections.server(cursor.cluster(), cursor.member()),
        UUID.fromString(cursor.sessionId()),
        cursor);
  }

  @Override
  public boolean close(BackupCursor cursor) {
    return kill(connections.server(cursor.cluster(), cursor.member()), cursor.cursorId());
  }

  /**
   * Closes all cursors of the operation on the member, up to the request's attempt. None if nothing
   * listens there for a while: cursors end with their process. None either if it stays outside of
   * its set, where it lists no cursors: then the server's idle limit ends them, in ten minutes.
   */
  public int closeOrphans(OpenRequest request) {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), deadAfter);
    while (true) {
      try {
        return closeListed(request);
      } catch (StillpointException e) {
        if (!ServerErrors.nothingListens(e) && !ServerErrors.isOutOfSet(e)) {
          throw e;
        }
        if (!backoff.pause()) {
          LOG.warn("cursors on {} are left to their own end: {}", request.member(), e.getMessage());
          return 0;
        }
      }
    }
  }

  private int closeListed(OpenRequest request) {
    ServerConnection server = connections.server(request.cluster(), request.member());
    CursorOwner any = CursorOwner.of(request, Integer.MAX_VALUE);
    int closed = 0;
    Backoff backoff =
        new Backoff(Duration.ofMillis(20), Duration.ofMillis(500), Duration.ofSeconds(5));
    List<IdleBackupCursor> seen;
    do {
      seen = IdleBackupCursor.list(server);
      for (IdleBackupCursor cursor : seen) {
        if (cursor.owner().filter(any::supersedes).isPresent() && kill(server, cursor.cursorId())) {
          closed++;
        }
      }
      // A cursor in use at this moment is not listed as idle, so an open one is looked for again.
    } while (seen.isEmpty() && isAnyOpen(server) && backoff.pause());
    return closed;
  }

  /** What the caller knows of an operation that a cursor's comment names. */
  public enum Life {
    ALIVE,
    GONE,
    /** Only long disuse tells that nobody keeps it. */
    UNKNOWN
  }

  /** A cursor of ours that nobody keeps. */
  public record Abandoned(String operation, Duration idle, boolean closed) {}

  /**
   * Cursors of this cluster that its operations abandoned on the member.
   *
   * @param life of the operation of this name
   * @param close or only find
   */
  public List<Abandoned> abandoned(
      String cluster, String member, Function<String, Life> life, boolean close) {
    ServerConnection server = connections.server(cluster, member);
    List<Abandoned> found = new ArrayList<>();
    for (IdleBackupCursor cursor : IdleBackupCursor.list(server)) {
      Optional<CursorOwner> owner = cursor.owner().filter(o -> o.cluster().equals(cluster));
      if (owner.isPresent() && isAbandoned(life.apply(owner.get().operation()), cursor)) {
        boolean closed = close && kill(server, cursor.cursorId());
        found.add(new Abandoned(owner.get().operation(), cursor.idle(), closed));
      }
    }
    return found;
  }

  private static boolean isAbandoned(Life life, IdleBackupCursor cursor) {
    return life == Life.GONE || life == Life.UNKNOWN && cursor.idle().compareTo(ABANDONED) >= 0;
  }

  static BsonDocument getMore(ServerConnection server, UUID session, BackupCursor cursor) {
    try (ClientSession handedOver = server.session(session)) {
      BsonDocument reply =
          server.run(
              handedOver,
              "admin",
              new BsonDocument("getMore", new BsonInt64(cursor.cursorId()))
                  .append("collection", new BsonString(COLLECTION)));
      if (BsonFields.integer(reply, "cursor.id") == 0) {
        throw CursorErrors.lost(cursor, "the server ended it", null);
      }
      return reply;
    } catch (StillpointException e) {
      if (ServerErrors.codeOf(e) == ServerErrors.CURSOR_NOT_FOUND) {
        throw CursorErrors.lost(cursor, "the server does not know it", e.getCause());
      }
      throw e;
    }
  }

  private BsonDocument openWithRetries(
      OpenRequest request, CursorOwner owner, UUID session, ServerConnection server) {
    ServerConnection patient = connections.patientServer(request.cluster(), request.member());
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), patience);
    while (true) {
      try (ClientSession chosen = patient.session(session)) {
        return patient.run(chosen, "admin", openCommand(owner));
      } catch (StillpointException e) {
        switch (ServerErrors.codeOf(e)) {
          case ServerErrors.CHECKPOINT_DURING_OPEN, ServerErrors.OPLOG_ROLLED_OVER -> {
            if (!backoff.pause()) {
              throw e;
            }
          }
          case ServerErrors.CURSOR_NOT_OPEN_OR_BUSY -> {
            if (closeReplaceable(server, owner) == 0 && !maybeOurs(server, owner, backoff)) {
              throw CursorErrors.busy(request.member(), IdleBackupCursor.list(server));
            }
          }
          case ServerErrors.FSYNC_LOCKED, ServerErrors.HOT_BACKUP_RUNNING ->
              throw CursorErrors.locked(request.member(), e);
          default -> throw e;
        }
      }
    }
  }

  /** A cursor that is being opened or used is not listed; only a listed stranger is certain. */
  private static boolean maybeOurs(ServerConnection server, CursorOwner owner, Backoff backoff) {
    boolean stranger =
        IdleBackupCursor.list(server).stream()
            .anyMatch(c -> c.owner().filter(owner::supersedes).isEmpty());
    return !stranger && backoff.pause();
  }

  private int closeReplaceable(ServerConnection server, CursorOwner owner) {
    int closed = 0;
    for (IdleBackupCursor cursor : IdleBackupCursor.list(server)) {
      if (cursor.owner().filter(o -> isReplaceable(owner, o, cursor.idle())).isPresent()
          && kill(server, cursor.cursorId())) {
        closed++;
      }
    }
    return closed;
  }

  private boolean isReplaceable(CursorOwner own, CursorOwner other, Duration idle) {
    return own.supersedes(other)
        || own.cluster().equals(other.cluster())
            && !own.sameOperation(other)
            && idle.compareTo(abandoned) >= 0;
  }

  private static boolean kill(ServerConnection server, long cursorId) {
    BsonDocument reply =
        server.admin(
            new BsonDocument("killCursors", new BsonString(COLLECTION))
                .append("cursors", new BsonArray(List.of(new BsonInt64(cursorId)))));
    if (!BsonFields.array(reply, "cursorsAlive").isEmpty()) {
      throw new StillpointException(
          ErrorCode.MONGO_COMMAND_FAILED,
          "%s did not close cursor %d".formatted(server.address(), cursorId),
          "it is tried again; look at the member's log");
    }
    return !BsonFields.array(reply, "cursorsKilled").isEmpty();
  }

  /** Whoever opened it. */
  static boolean isAnyOpen(ServerConnection server) {
    return BsonFields.flag(server.admin("serverStatus"), "storageEngine.backupCursorOpen");
  }

  private static BsonDocument openCommand(CursorOwner owner) {
    BsonDocument stage = new BsonDocument("$backupCursor", new BsonDocument());
    return new BsonDocument("aggregate", new BsonInt32(1))
        .append("pipeline", new BsonArray(List.of(stage)))
        .append("cursor", new BsonDocument())
        .append("comment", owner.toComment());
  }

  /** An address may have been given to another server since the plan was made. */
  private static void requireMember(OpenRequest request, ServerConnection server) {
    String set = BsonFields.string(server.hello(), "setName");
    if (!set.equals(request.set())) {
      throw new StillpointException(
          set.isEmpty() ? ErrorCode.STANDALONE_SERVER : ErrorCode.NO_SUITABLE_MEMBER,
          "%s should be a member of replica set '%s', but says '%s'"
              .formatted(request.member(), request.set(), set),
          "start the backup again, so that it plans with the present members");
    }
  }
}
