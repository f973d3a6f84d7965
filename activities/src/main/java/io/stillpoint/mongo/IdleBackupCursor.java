package io.stillpoint.mongo;

import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * A backup cursor that a server holds open, as $currentOp shows it.
 *
 * @param owner empty if Stillpoint did not open it
 * @param comment as it was given, for messages
 * @param idle since its last use, by the server's clock; zero if the server does not say
 */
record IdleBackupCursor(long cursorId, Optional<CursorOwner> owner, String comment, Duration idle) {

  /** All that are open on the server, or all of the configured user if it may not see more. */
  static List<IdleBackupCursor> list(ServerConnection server) {
    List<BsonDocument> operations;
    try {
      operations = currentOperations(server, true);
    } catch (StillpointException e) {
      if (ServerErrors.codeOf(e) != ServerErrors.UNAUTHORIZED) {
        throw e;
      }
      operations = currentOperations(server, false);
    }
    if (operations.isEmpty()) {
      return List.of();
    }
    long now =
        BsonFields.value(server.hello(), "localTime")
            .filter(BsonValue::isDateTime)
            .map(v -> v.asDateTime().getValue())
            .orElse(0L);
    List<IdleBackupCursor> found = new ArrayList<>();
    for (BsonDocument operation : operations) {
      BsonDocument cursor = BsonFields.document(operation, "cursor");
      BsonDocument command = BsonFields.document(cursor, "originatingCommand");
      boolean backup =
          BsonFields.documents(command, "pipeline").stream()
              .anyMatch(stage -> stage.containsKey("$backupCursor"));
      if (backup) {
        found.add(
            new IdleBackupCursor(
                BsonFields.integer(cursor, "cursorId"),
                CursorOwner.parse(command),
                BsonFields.value(command, "comment").map(IdleBackupCursor::shown).orElse("none"),
                idle(cursor, now)));
      }
    }
    return found;
  }

  private static String shown(BsonValue comment) {
    return comment.isString() ? "'" + comment.asString().getValue() + "'" : comment.toString();
  }

  private static Duration idle(BsonDocument cursor, long now) {
    long used =
        BsonFields.value(cursor, "lastAccessDate")
            .filter(BsonValue::isDateTime)
            .map(v -> v.asDateTime().getValue())
            .orElse(now);
    return Duration.ofMillis(Math.max(0, now - used));
  }

  private static List<BsonDocument> currentOperations(ServerConnection server, boolean allUsers) {
    BsonDocument options =
        new BsonDocument("idleCursors", BsonBoolean.TRUE)
            .append("allUsers", BsonBoolean.valueOf(allUsers));
    BsonDocument idleOnly = new BsonDocument("type", new BsonString("idleCursor"));
    return server.aggregate(
        "admin",
        new BsonDocument("aggregate", new BsonInt32(1))
            .append(
                "pipeline",
                new BsonArray(
                    List.of(
                        new BsonDocument("$currentOp", options),
                        new BsonDocument("$match", idleOnly))))
            .append("cursor", new BsonDocument()));
  }
}
