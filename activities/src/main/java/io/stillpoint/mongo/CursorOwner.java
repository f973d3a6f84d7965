package io.stillpoint.mongo;

import io.stillpoint.activity.CursorActivities.OpenRequest;
import java.util.Comparator;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * Who opened a backup cursor, as its comment says. The server shows the comment with every idle
 * cursor, so an orphan can be told from somebody else's cursor.
 *
 * @param attempt of the workflow
 * @param tryNumber of the activity within that attempt
 */
record CursorOwner(String cluster, String operation, int attempt, int tryNumber) {

  private static final String PROGRAM = "stillpoint";
  private static final Comparator<CursorOwner> BY_AGE =
      Comparator.comparingInt(CursorOwner::attempt).thenComparingInt(CursorOwner::tryNumber);

  static CursorOwner of(OpenRequest request, int tryNumber) {
    return new CursorOwner(request.cluster(), request.operation(), request.attempt(), tryNumber);
  }

  BsonDocument toComment() {
    return new BsonDocument("owner", new BsonString(PROGRAM))
        .append("cluster", new BsonString(cluster))
        .append("operation", new BsonString(operation))
        .append("attempt", new BsonInt32(attempt))
        .append("try", new BsonInt32(tryNumber));
  }

  /** Empty if the comment is not of Stillpoint's making. */
  static Optional<CursorOwner> parse(BsonDocument command) {
    BsonDocument comment = BsonFields.document(command, "comment");
    return PROGRAM.equals(BsonFields.string(comment, "owner"))
        ? Optional.of(
            new CursorOwner(
                BsonFields.string(comment, "cluster"),
                BsonFields.string(comment, "operation"),
                (int) BsonFields.integer(comment, "attempt"),
                (int) BsonFields.integer(comment, "try")))
        : Optional.empty();
  }

  boolean sameOperation(CursorOwner other) {
    return cluster.equals(other.cluster) && operation.equals(other.operation);
  }

  /**
   * Whether this try may close what the other left. A try that was given up may still run beside
   * its successor; it must not close the successor's cursor.
   */
  boolean supersedes(CursorOwner other) {
    return sameOperation(other) && BY_AGE.compare(this, other) >= 0;
  }
}
