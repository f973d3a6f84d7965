package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.MemberState;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/** Reads what one member is, from its own answers and from its set's view of it. */
final class MemberReader {

  private static final String DOWN = "DOWN";
  private static final String ARBITER = "ARBITER";
  private static final String DEFAULT_DB_PATH = "/data/db";

  private final MongoConnections connections;

  MemberReader(MongoConnections connections) {
    this.connections = connections;
  }

  /**
   * @param member the member's entry in the replica set configuration
   */
  MemberState read(String cluster, ReplicaSetView view, BsonDocument member) {
    String address = BsonFields.string(member, "host");
    String seenState = BsonFields.string(view.statusOf(address), "stateStr");
    // An arbiter holds no users, so with authentication on it could not even be asked.
    if (BsonFields.flag(member, "arbiterOnly")) {
      return state(view, member, seenState.isEmpty() ? ARBITER : seenState, "", "", false);
    }
    ServerConnection server = connections.server(cluster, address);
    try {
      BsonDocument hello = server.hello();
      String version = BsonFields.string(server.admin("buildInfo"), "version");
      String dbPath = BsonFields.string(server.admin("getCmdLineOpts"), "parsed.storage.dbPath");
      return state(
          view,
          member,
          ownState(hello, seenState),
          version,
          dbPath.isEmpty() ? DEFAULT_DB_PATH : dbPath,
          hasBackupCursors(server));
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MONGO_UNREACHABLE) {
        return state(view, member, DOWN, "", "", false);
      }
      throw e;
    }
  }

  /** The member knows best whether it is primary or secondary; for the rest ask the set. */
  private static String ownState(BsonDocument hello, String seenState) {
    if (BsonFields.flag(hello, "isWritablePrimary") || BsonFields.flag(hello, "ismaster")) {
      return "PRIMARY";
    }
    if (BsonFields.flag(hello, "secondary")) {
      return "SECONDARY";
    }
    return seenState.equals("PRIMARY") || seenState.equals("SECONDARY") || seenState.isEmpty()
        ? "UNKNOWN"
        : seenState;
  }

  /**
   * Sends the stage with a parameter that every server refuses while parsing, so that no cursor can
   * come of it; the code tells whether the stage is known. A version string would not: builds from
   * source carry none of Percona's marks.
   */
  private static boolean hasBackupCursors(ServerConnection server) {
    try {
      server.admin(
          new BsonDocument("aggregate", new BsonInt32(1))
              .append(
                  "pipeline",
                  new BsonArray(List.of(new BsonDocument("$backupCursor", new BsonInt32(1)))))
              .append("cursor", new BsonDocument()));
      return false;
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MONGO_UNREACHABLE) {
        throw e;
      }
      // The privilege is checked after the stage's name was found.
      return switch (ServerErrors.codeOf(e)) {
        case ServerErrors.FAILED_TO_PARSE, ServerErrors.UNAUTHORIZED -> true;
        case ServerErrors.UNKNOWN_STAGE -> false;
        default -> !BsonFields.string(server.admin("buildInfo"), "psmdbVersion").isEmpty();
      };
    }
  }

  private static MemberState state(
      ReplicaSetView view,
      BsonDocument member,
      String state,
      String version,
      String dbPath,
      boolean backupCursors) {
    String address = BsonFields.string(member, "host");
    long delay =
        BsonFields.integer(member, "slaveDelay") + BsonFields.integer(member, "secondaryDelaySecs");
    return new MemberState(
        address,
        state,
        BsonFields.flag(member, "hidden"),
        BsonFields.number(member, "priority").map(n -> n.doubleValue()).orElse(1.0),
        BsonFields.flag(member, "arbiterOnly"),
        delay,
        lagSeconds(view, address),
        version,
        dbPath,
        backupCursors);
  }

  private static long lagSeconds(ReplicaSetView view, String address) {
    ClusterTime own = BsonFields.time(view.statusOf(address), "optime");
    ClusterTime newest =
        BsonFields.documents(view.status(), "members").stream()
            .map(m -> BsonFields.time(m, "optime"))
            .reduce(ClusterTime.ZERO, ClusterTime::max);
    return own.equals(ClusterTime.ZERO) ? 0 : newest.seconds() - own.seconds();
  }
}
