package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * Transactions that are prepared and neither committed nor aborted. They are known from the oplog
 * alone, so that every member and every restart sees the same ones. Guarded by the store's lock.
 */
public final class PreparedTransactions {
  /** Which transaction of which session. */
  public record Key(BsonBinary session, long number) {
    public static Key of(BsonDocument entry) {
      return new Key(
          entry.getDocument("lsid").getBinary("id"), entry.getNumber("txnNumber").longValue());
    }
  }

  /** A prepared transaction's oplog entry. */
  public record Prepared(BsonDocument entry) {
    public List<BsonValue> operations() {
      return entry.getDocument("o").getArray("applyOps");
    }

    public OpTime at() {
      return Oplog.opTime(entry);
    }
  }

  private final Map<Key, Prepared> prepared = new LinkedHashMap<>();

  /** Takes note of an entry, applied or read, that prepares or ends a transaction. */
  public void note(BsonDocument entry) {
    if (!entry.isDocument("lsid") || !entry.isDocument("o")) {
      return;
    }
    BsonDocument o = entry.getDocument("o");
    if (o.containsKey("applyOps") && Update.isTrue(o.get("prepare"))) {
      prepared.put(Key.of(entry), new Prepared(Documents.copy(entry)));
    } else if (o.containsKey("commitTransaction") || o.containsKey("abortTransaction")) {
      prepared.remove(Key.of(entry));
    }
  }

  /** The transaction, or null. */
  public Prepared get(Key key) {
    return prepared.get(key);
  }

  public List<Prepared> all() {
    return new ArrayList<>(prepared.values());
  }

  public void clear() {
    prepared.clear();
  }

  /** The oldest entry that is still needed; the largest long when there is none. */
  public long oldest() {
    return prepared.values().stream().mapToLong(p -> p.at().ts()).min().orElse(Long.MAX_VALUE);
  }
}
