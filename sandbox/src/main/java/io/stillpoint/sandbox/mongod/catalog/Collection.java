package io.stillpoint.sandbox.mongod.catalog;

import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Filter;
import io.stillpoint.sandbox.mongod.query.Values;
import io.stillpoint.sandbox.mongod.storage.StorageEngine;
import io.stillpoint.sandbox.mongod.storage.StorageEngine.Write;
import io.stillpoint.sandbox.mongod.storage.Table;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * A collection: documents by record id, and an index on {@code _id}. Guarded by the store's lock.
 */
public final class Collection {
  private final StorageEngine engine;
  private final long catalogKey;
  private final BsonBinary uuid;
  private final Table table;
  private final List<IndexSpec> indexes;
  private String ns;
  private BsonDocument options;
  private volatile Map<BsonValue, Long> byId;
  private long count;
  private long bytes;

  Collection(
      StorageEngine engine,
      long catalogKey,
      String ns,
      BsonBinary uuid,
      BsonDocument options,
      Table table,
      List<IndexSpec> indexes) {
    this.engine = engine;
    this.catalogKey = catalogKey;
    this.ns = ns;
    this.uuid = uuid;
    this.options = options;
    this.table = table;
    this.indexes = new ArrayList<>(indexes);
  }

  public String ns() {
    return ns;
  }

  public String db() {
    return ns.substring(0, ns.indexOf('.'));
  }

  public String name() {
    return ns.substring(ns.indexOf('.') + 1);
  }

  public BsonBinary uuid() {
    return uuid;
  }

  public BsonDocument options() {
    return options;
  }

  public List<IndexSpec> indexes() {
    return indexes;
  }

  public Table table() {
    return table;
  }

  /** Whether its writes are replicated; those of {@code local} are not. */
  public boolean replicated() {
    return !db().equals("local");
  }

  /** The number of documents that was last known: cheap, and wrong after a crash. */
  public long fastCount() {
    return count;
  }

  public long dataSize() {
    return bytes;
  }

  void size(long newCount, long newBytes) {
    count = newCount;
    bytes = newBytes;
  }

  long catalogKey() {
    return catalogKey;
  }

  void rename(String newNs) {
    ns = newNs;
  }

  void options(BsonDocument newOptions) {
    options = newOptions;
  }

  private Map<BsonValue, Long> ids() {
    Map<BsonValue, Long> loaded = byId;
    if (loaded == null) {
      synchronized (table) {
        loaded = byId;
        if (loaded == null) {
          loaded = new HashMap<>();
          for (Map.Entry<Long, byte[]> row : table.rows().entrySet()) {
            loaded.put(idKey(Documents.view(row.getValue())), row.getKey());
          }
          byId = loaded;
        }
      }
    }
    return loaded;
  }

  private static BsonValue idKey(BsonDocument document) {
    BsonValue id = document.get("_id");
    if (id instanceof BsonDocument nested) {
      return Documents.copy(nested);
    }
    return Values.hashKey(id);
  }

  /** The record with this {@code _id}, or null. */
  public Long recordOf(BsonValue id) {
    return ids().get(id instanceof BsonDocument d ? Documents.copy(d) : Values.hashKey(id));
  }

  public NavigableMap<Long, byte[]> rows() {
    return table.rows();
  }

  public BsonDocument document(long record) {
    return Documents.view(table.rows().get(record));
  }

  /** The records that match, in record order; at most {@code limit} when that is positive. */
  public List<Long> find(Filter filter, long limit) {
    List<Long> found = new ArrayList<>();
    BsonValue id = filter.idEquals();
    if (id != null) {
      Long record = recordOf(id);
      if (record != null && filter.test(document(record))) {
        found.add(record);
      }
      return found;
    }
    for (Map.Entry<Long, byte[]> row : table.rows().entrySet()) {
      if (filter.isEmpty() || filter.test(Documents.view(row.getValue()))) {
        found.add(row.getKey());
        if (limit > 0 && found.size() >= limit) {
          break;
        }
      }
    }
    return found;
  }

  /**
   * Inserts a document that has an {@code _id}.
   *
   * @throws CommandException 11000 when a unique index forbids it
   */
  public void insert(BsonDocument document, long timestamp) {
    requireUsable();
    requireUnique(document, null);
    Long last = table.rows().isEmpty() ? null : table.rows().lastKey();
    put(last == null ? 1 : last + 1, document, timestamp);
    trimCapped(timestamp);
  }

  /** Replaces the document of a record. */
  public void update(long record, BsonDocument document, long timestamp) {
    requireUsable();
    requireUnique(document, record);
    put(record, document, timestamp);
  }

  private void put(long record, BsonDocument document, long timestamp) {
    byte[] encoded = Documents.encode(document);
    byte[] before = table.rows().get(record);
    ids().put(idKey(document), record);
    engine.commit(List.of(new Write(table, record, encoded, timestamp)));
    count += before == null ? 1 : 0;
    bytes += encoded.length - (before == null ? 0 : before.length);
  }

  public void delete(long record, long timestamp) {
    requireUsable();
    byte[] before = table.rows().get(record);
    ids().remove(idKey(Documents.view(before)));
    engine.commit(List.of(new Write(table, record, null, timestamp)));
    count--;
    bytes -= before.length;
  }

  private void trimCapped(long timestamp) {
    BsonValue max = options.get("max");
    BsonValue size = options.get("size");
    if (!options.containsKey("capped")) {
      return;
    }
    while ((max != null && table.rows().size() > max.asNumber().longValue())
        || (size != null && bytes > size.asNumber().longValue() && table.rows().size() > 1)) {
      delete(table.rows().firstKey(), timestamp);
    }
  }

  /** Every index has a file of its own that a write needs, even though it is derived here. */
  private void requireUsable() {
    for (IndexSpec index : indexes) {
      index.table().requireUsable();
    }
  }

  private void requireUnique(BsonDocument document, Long except) {
    Long same = recordOf(document.get("_id"));
    if (same != null && !same.equals(except)) {
      throw duplicate("_id_", new BsonDocument("_id", document.get("_id")));
    }
    for (IndexSpec index : indexes) {
      if (index.unique() && !index.isIdIndex()) {
        BsonDocument wanted = new BsonDocument();
        index.key().keySet().forEach(field -> copyField(document, field, wanted));
        Filter filter = Filter.parse(wanted);
        for (long record : find(filter, 2)) {
          if (except == null || record != except) {
            throw duplicate(index.name(), wanted);
          }
        }
      }
    }
  }

  private static void copyField(BsonDocument from, String field, BsonDocument to) {
    to.append(field, from.get(field, org.bson.BsonNull.VALUE));
  }

  private CommandException duplicate(String index, BsonDocument key) {
    return new CommandException(
        11000,
        "DuplicateKey",
        "E11000 duplicate key error collection: %s index: %s dup key: %s"
            .formatted(ns, index, key.toJson()),
        new BsonDocument("keyPattern", patternOf(index)).append("keyValue", key));
  }

  private BsonDocument patternOf(String index) {
    return indexes.stream()
        .filter(i -> i.name().equals(index))
        .findFirst()
        .map(IndexSpec::key)
        .orElse(new BsonDocument("_id", new org.bson.BsonInt32(1)));
  }

  /** The row that the catalog keeps for this collection. */
  BsonDocument catalogRow() {
    BsonDocument indexIdents = new BsonDocument();
    org.bson.BsonArray specs = new org.bson.BsonArray();
    for (IndexSpec index : indexes) {
      indexIdents.append(index.name(), new BsonString(index.table().ident()));
      specs.add(new BsonDocument("spec", index.spec()));
    }
    return new BsonDocument("ns", new BsonString(ns))
        .append("ident", new BsonString(table.ident()))
        .append("uuid", uuid)
        .append("options", options)
        .append("indexes", specs)
        .append("idxIdent", indexIdents);
  }
}
