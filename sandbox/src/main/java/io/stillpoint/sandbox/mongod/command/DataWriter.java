package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Values;
import io.stillpoint.sandbox.mongod.repl.OpTime;
import io.stillpoint.sandbox.mongod.repl.Replication;
import java.util.Map;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * Changes data and, on a member of a replica set, logs the change with the same cluster time.
 * Everything here runs under the store's write lock.
 */
public final class DataWriter {
  /** Which client statement a change comes from. */
  public record Origin(BsonDocument lsid, BsonValue txnNumber, int statement, boolean migration) {
    public static final Origin NONE = new Origin(null, null, 0, false);

    void describe(BsonDocument entry) {
      if (lsid != null && txnNumber != null) {
        entry.append("lsid", lsid).append("txnNumber", new BsonInt64(number()));
        entry.append("stmtId", new BsonInt32(statement));
      }
      if (migration) {
        entry.append("fromMigrate", BsonBoolean.TRUE);
      }
    }

    private long number() {
      return txnNumber.asNumber().longValue();
    }
  }

  private final Mongod mongod;
  private final Store store;

  public DataWriter(Mongod mongod) {
    this.mongod = mongod;
    this.store = mongod.store();
  }

  private boolean logs(String ns) {
    return mongod.replication().isPresent() && !ns.startsWith("local.");
  }

  private long tick(String ns) {
    return logs(ns) ? mongod.replication().get().clock().tick() : 0;
  }

  private void log(long ts, String op, String ns, BsonDocument rest) {
    if (logs(ns)) {
      Replication replication = mongod.replication().get();
      OpTime at = replication.oplog().log(ts, replication.set().term(), op, ns, rest);
      replication.set().wrote(at);
    }
  }

  /** The collection, made if need be. */
  public Collection collection(String ns) {
    Collection found = store.catalog().get(ns);
    return found != null ? found : create(ns, new BsonDocument());
  }

  public Collection create(String ns, BsonDocument options) {
    long ts = tick(ns);
    Collection created = store.catalog().create(ns, Store.newUuid(), options, ts);
    BsonDocument o = new BsonDocument("create", new BsonString(created.name()));
    o.putAll(options);
    o.append("idIndex", created.indexes().get(0).spec());
    command(ts, created, o);
    return created;
  }

  private void command(long ts, Collection collection, BsonDocument o) {
    log(
        ts,
        "c",
        collection.db() + ".$cmd",
        new BsonDocument("ui", collection.uuid()).append("o", o));
  }

  public void insert(Collection into, BsonDocument document, Origin origin) {
    long ts = tick(into.ns());
    into.insert(document, ts);
    BsonDocument entry =
        new BsonDocument("ui", into.uuid())
            .append("o", document)
            .append("o2", new BsonDocument("_id", document.get("_id")));
    origin.describe(entry);
    log(ts, "i", into.ns(), entry);
  }

  /** Writes the document after an update; {@code replacement} decides how it is logged. */
  public void update(
      Collection in,
      long record,
      BsonDocument before,
      BsonDocument after,
      boolean replacement,
      Origin origin) {
    long ts = tick(in.ns());
    BsonDocument o = replacement ? after : change(before, after);
    BsonDocument id = new BsonDocument("_id", Documents.copy(after).get("_id"));
    in.update(record, after, ts);
    BsonDocument entry = new BsonDocument("ui", in.uuid()).append("o", o).append("o2", id);
    origin.describe(entry);
    log(ts, "u", in.ns(), entry);
  }

  /** The difference of two documents in the form of the simulated version. */
  public BsonDocument change(BsonDocument before, BsonDocument after) {
    BsonDocument changed = new BsonDocument();
    BsonDocument added = new BsonDocument();
    BsonDocument removed = new BsonDocument();
    for (Map.Entry<String, BsonValue> field : after.entrySet()) {
      BsonValue old = before.get(field.getKey());
      if (old == null) {
        added.append(field.getKey(), field.getValue());
      } else if (!same(old, field.getValue())) {
        changed.append(field.getKey(), field.getValue());
      }
    }
    boolean diff = mongod.version().atLeast(5);
    for (String field : before.keySet()) {
      if (!after.containsKey(field)) {
        removed.append(field, diff ? BsonBoolean.FALSE : BsonBoolean.TRUE);
      }
    }
    if (!diff) {
      changed.putAll(added);
      return oldForm(changed, removed);
    }
    BsonDocument parts = new BsonDocument();
    putUnlessEmpty(parts, "d", removed);
    putUnlessEmpty(parts, "u", changed);
    putUnlessEmpty(parts, "i", added);
    return new BsonDocument("$v", new BsonInt32(2)).append("diff", parts);
  }

  private static BsonDocument oldForm(BsonDocument set, BsonDocument unset) {
    BsonDocument change = new BsonDocument("$v", new BsonInt32(1));
    putUnlessEmpty(change, "$unset", unset);
    putUnlessEmpty(change, "$set", set);
    return change;
  }

  private static void putUnlessEmpty(BsonDocument into, String key, BsonDocument value) {
    if (!value.isEmpty()) {
      into.append(key, value);
    }
  }

  private static boolean same(BsonValue a, BsonValue b) {
    return a.getBsonType() == b.getBsonType() && Values.equal(a, b);
  }

  public void delete(Collection from, long record, Origin origin) {
    long ts = tick(from.ns());
    BsonDocument id = new BsonDocument("_id", Documents.copy(from.document(record)).get("_id"));
    from.delete(record, ts);
    BsonDocument entry = new BsonDocument("ui", from.uuid()).append("o", id);
    origin.describe(entry);
    log(ts, "d", from.ns(), entry);
  }

  public void drop(Collection collection) {
    long ts = tick(collection.ns());
    store.catalog().drop(collection, ts);
    command(ts, collection, new BsonDocument("drop", new BsonString(collection.name())));
  }

  public void dropDatabase(String db) {
    store.catalog().in(db).forEach(this::drop);
    log(
        tick(db + ".$cmd"),
        "c",
        db + ".$cmd",
        new BsonDocument("o", new BsonDocument("dropDatabase", new BsonInt32(1))));
  }

  public void rename(Collection collection, String to) {
    long ts = tick(collection.ns());
    String from = collection.ns();
    BsonDocument o =
        new BsonDocument("renameCollection", new BsonString(from))
            .append("to", new BsonString(to))
            .append("stayTemp", BsonBoolean.FALSE);
    String db = collection.db();
    store.catalog().rename(collection, to, ts);
    log(ts, "c", db + ".$cmd", new BsonDocument("ui", collection.uuid()).append("o", o));
  }

  public void createIndex(Collection on, BsonDocument spec) {
    long ts = tick(on.ns());
    store.catalog().createIndex(on, spec, ts);
    BsonDocument o = new BsonDocument("createIndexes", new BsonString(on.name()));
    o.putAll(spec);
    command(ts, on, o);
  }

  public void dropIndex(Collection on, String name) {
    long ts = tick(on.ns());
    store.catalog().dropIndex(on, name, ts);
    command(
        ts,
        on,
        new BsonDocument("dropIndexes", new BsonString(on.name()))
            .append("index", new BsonString(name)));
  }

  public void collMod(Collection collection, BsonDocument changes) {
    long ts = tick(collection.ns());
    io.stillpoint.sandbox.mongod.repl.OplogApplier.applyCollMod(store, collection, changes, ts);
    BsonDocument o = new BsonDocument("collMod", new BsonString(collection.name()));
    o.putAll(changes);
    command(ts, collection, o);
  }

  /** Logs an entry that changes no data here. */
  public void note(String op, String ns, BsonDocument rest) {
    log(tick("admin."), op, ns.isEmpty() ? "" : ns, rest);
  }
}
