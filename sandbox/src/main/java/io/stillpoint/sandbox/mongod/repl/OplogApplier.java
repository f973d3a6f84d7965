package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Update;
import java.util.List;
import java.util.Map;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonValue;

/**
 * Applies oplog entries to the collections. Applying an entry that is already part of the state
 * changes nothing, so a replay may begin too early but never too late.
 */
public final class OplogApplier {
  private final Store store;
  private final PreparedTransactions prepared;

  public OplogApplier(Store store, PreparedTransactions prepared) {
    this.store = store;
    this.prepared = prepared;
  }

  /** Applies one entry; under the store's write lock. */
  public void apply(BsonDocument entry) {
    applyAt(entry, entry.getTimestamp("ts").getValue());
  }

  void applyAt(BsonDocument entry, long ts) {
    String ns = entry.getString("ns").getValue();
    switch (entry.getString("op").getValue()) {
      case "i" -> upsert(target(entry, ns, ts), entry.getDocument("o"), ts);
      case "u" -> update(target(entry, ns, ts), entry, ts);
      case "d" -> delete(entry, ns, ts);
      case "c" -> command(entry, ns, ts);
      default -> {
        // "n" and unknown kinds change no data.
      }
    }
  }

  private Collection target(BsonDocument entry, String ns, long ts) {
    Collection found = byUuid(entry);
    if (found == null) {
      found = store.catalog().get(ns);
    }
    if (found != null) {
      return found;
    }
    BsonValue uuid = entry.get("ui");
    return store
        .catalog()
        .create(ns, uuid == null ? Store.newUuid() : uuid.asBinary(), new BsonDocument(), ts);
  }

  private Collection byUuid(BsonDocument entry) {
    return entry.containsKey("ui") ? store.catalog().byUuid(entry.getBinary("ui")) : null;
  }

  private void upsert(Collection collection, BsonDocument document, long ts) {
    Long record = collection.recordOf(document.get("_id"));
    if (record == null) {
      collection.insert(document, ts);
    } else {
      collection.update(record, document, ts);
    }
  }

  private void update(Collection collection, BsonDocument entry, long ts) {
    Long record = collection.recordOf(entry.getDocument("o2").get("_id"));
    BsonDocument change = entry.getDocument("o");
    if (record == null) {
      if (!change.containsKey("$v") && !change.containsKey("$set")) {
        collection.insert(Update.withId(change), ts);
      }
      return;
    }
    collection.update(record, changed(collection.document(record), change), ts);
  }

  /** The document after a change in one of the three forms that an update entry can have. */
  public static BsonDocument changed(BsonDocument before, BsonDocument change) {
    if (change.containsKey("diff")) {
      BsonDocument result = Documents.copy(before);
      diff(result, change.getDocument("diff"));
      return result;
    }
    if (change.containsKey("$v") || change.containsKey("$set") || change.containsKey("$unset")) {
      BsonDocument operators = Documents.copy(change);
      operators.remove("$v");
      return Update.parse(operators, null).apply(before);
    }
    return Documents.copy(change);
  }

  private static void diff(BsonDocument document, BsonDocument diff) {
    for (Map.Entry<String, BsonValue> part : diff.entrySet()) {
      String kind = part.getKey();
      switch (kind) {
        case "d" -> part.getValue().asDocument().keySet().forEach(document::remove);
        case "u", "i" -> document.putAll(Documents.copy(part.getValue().asDocument()));
        default -> {
          if (kind.startsWith("s") && document.isDocument(kind.substring(1))) {
            diff(document.getDocument(kind.substring(1)), part.getValue().asDocument());
          }
        }
      }
    }
  }

  private void delete(BsonDocument entry, String ns, long ts) {
    Collection collection = byUuid(entry);
    if (collection == null) {
      collection = store.catalog().get(ns);
    }
    if (collection != null) {
      Long record = collection.recordOf(entry.getDocument("o").get("_id"));
      if (record != null) {
        collection.delete(record, ts);
      }
    }
  }

  private void command(BsonDocument entry, String ns, long ts) {
    String db = ns.substring(0, ns.indexOf('.'));
    BsonDocument o = entry.getDocument("o");
    String name = o.getFirstKey();
    switch (name) {
      case "create" -> create(db, o, entry, ts);
      case "drop" -> drop(entry, db + "." + o.getString(name).getValue(), ts);
      case "dropDatabase" ->
          store.catalog().in(db).forEach(collection -> store.catalog().drop(collection, ts));
      case "renameCollection" -> rename(o, entry, ts);
      case "createIndexes", "commitIndexBuild" -> createIndexes(db, name, o, entry, ts);
      case "dropIndexes", "deleteIndexes" -> {
        Collection collection = target(entry, db + "." + o.getString(name).getValue(), ts);
        store.catalog().dropIndex(collection, o.getString("index").getValue(), ts);
      }
      case "collMod" -> collMod(db, o, entry, ts);
      case "commitTransaction" -> {
        PreparedTransactions.Prepared transaction =
            prepared.get(PreparedTransactions.Key.of(entry));
        if (transaction != null) {
          applyAll(transaction.operations(), ts);
          prepared.note(entry);
        }
      }
      case "abortTransaction" -> prepared.note(entry);
      case "applyOps" -> {
        prepared.note(entry);
        if (!Update.isTrue(o.get("prepare")) && !Update.isTrue(o.get("partialTxn"))) {
          applyAll(o.getArray("applyOps"), ts);
        }
      }
      default -> {
        // startIndexBuild and abortIndexBuild: an index appears when its build is committed.
      }
    }
  }

  /** Applies the operations of a transaction, all at one time. */
  public void applyAll(List<BsonValue> operations, long ts) {
    operations.forEach(operation -> applyAt(operation.asDocument(), ts));
  }

  private void create(String db, BsonDocument o, BsonDocument entry, long ts) {
    String ns = db + "." + o.getString("create").getValue();
    BsonBinary uuid = entry.getBinary("ui");
    Collection same = store.catalog().byUuid(uuid);
    if (same != null) {
      return;
    }
    Collection other = store.catalog().get(ns);
    if (other != null) {
      store.catalog().drop(other, ts);
    }
    BsonDocument options = Documents.copy(o);
    options.remove("create");
    options.remove("idIndex");
    store.catalog().create(ns, uuid, options, ts);
  }

  private void drop(BsonDocument entry, String ns, long ts) {
    Collection collection = entry.containsKey("ui") ? byUuid(entry) : store.catalog().get(ns);
    if (collection != null) {
      store.catalog().drop(collection, ts);
    }
  }

  private void rename(BsonDocument o, BsonDocument entry, long ts) {
    Collection collection = byUuid(entry);
    String to = o.getString("to").getValue();
    if (collection == null || collection.ns().equals(to)) {
      return;
    }
    Collection replaced = store.catalog().get(to);
    if (replaced != null) {
      store.catalog().drop(replaced, ts);
    }
    store.catalog().rename(collection, to, ts);
  }

  private void createIndexes(
      String db, String command, BsonDocument o, BsonDocument entry, long ts) {
    Collection collection = target(entry, db + "." + o.getString(command).getValue(), ts);
    if (o.containsKey("indexes")) {
      o.getArray("indexes")
          .forEach(i -> store.catalog().createIndex(collection, i.asDocument(), ts));
    } else {
      BsonDocument spec = Documents.copy(o);
      spec.remove(command);
      store.catalog().createIndex(collection, spec, ts);
    }
  }

  private void collMod(String db, BsonDocument o, BsonDocument entry, long ts) {
    Collection collection = target(entry, db + "." + o.getString("collMod").getValue(), ts);
    BsonDocument changes = Documents.copy(o);
    changes.remove("collMod");
    applyCollMod(store, collection, changes, ts);
  }

  /** Changes options of a collection or, with {@code index}, its expiry time. */
  public static void applyCollMod(
      Store store, Collection collection, BsonDocument changes, long ts) {
    if (changes.isDocument("index")) {
      BsonDocument index = changes.getDocument("index");
      for (var existing : List.copyOf(collection.indexes())) {
        boolean named =
            existing
                .name()
                .equals(
                    index.get("name", BsonNull.VALUE).isString()
                        ? index.getString("name").getValue()
                        : null);
        boolean keyed = existing.key().equals(index.get("keyPattern"));
        if (named || keyed) {
          BsonDocument spec = Documents.copy(existing.spec());
          spec.put("expireAfterSeconds", index.get("expireAfterSeconds"));
          store.catalog().changeIndex(collection, spec, ts);
        }
      }
      return;
    }
    BsonDocument options = Documents.copy(collection.options());
    options.putAll(changes);
    store.catalog().changeOptions(collection, options, ts);
  }
}
