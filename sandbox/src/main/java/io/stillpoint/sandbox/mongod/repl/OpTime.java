package io.stillpoint.sandbox.mongod.repl;

import java.util.Comparator;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonTimestamp;

/** A position in the oplog: a cluster time and the term of the primary that wrote it. */
public record OpTime(long ts, long term) implements Comparable<OpTime> {
  public static final OpTime NONE = new OpTime(0, -1);
  private static final Comparator<OpTime> ORDER =
      Comparator.comparingLong(OpTime::term).thenComparingLong(OpTime::ts);

  public static OpTime of(BsonDocument document) {
    return new OpTime(document.getTimestamp("ts").getValue(), document.getNumber("t").longValue());
  }

  public BsonDocument toBson() {
    return new BsonDocument("ts", new BsonTimestamp(ts)).append("t", new BsonInt64(term));
  }

  @Override
  public int compareTo(OpTime other) {
    return ORDER.compare(this, other);
  }

  public boolean isNone() {
    return ts == 0;
  }
}
