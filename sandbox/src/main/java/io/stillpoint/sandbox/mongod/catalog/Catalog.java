package io.stillpoint.sandbox.mongod.catalog;

import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.storage.StorageEngine;
import io.stillpoint.sandbox.mongod.storage.StorageEngine.Write;
import io.stillpoint.sandbox.mongod.storage.StorageException;
import io.stillpoint.sandbox.mongod.storage.Table;
import io.stillpoint.sandbox.wire.CommandException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * Which collections there are, kept in {@code _mdb_catalog.wt}, and their last known sizes, kept in
 * {@code sizeStorer.wt}. Guarded by the store's lock.
 */
public final class Catalog {
  private static final String CATALOG = "_mdb_catalog";
  private static final String SIZES = "sizeStorer";

  private final StorageEngine engine;
  private final Table table;
  private final Table sizes;
  private final TreeMap<String, Collection> byNs = new TreeMap<>();
  private final Map<BsonBinary, Collection> byUuid = new HashMap<>();
  private final Map<String, Long> sizeKeys = new HashMap<>();
  private int nextIdent;

  private Catalog(StorageEngine engine, Table table, Table sizes) {
    this.engine = engine;
    this.table = table;
    this.sizes = sizes;
  }

  /**
   * Reads the catalog, or makes an empty one in a new directory.
   *
   * @throws FatalError when one of its files cannot be used
   */
  public static Catalog open(StorageEngine engine, Path dbPath, ServerLog log) {
    boolean fresh = engine.table(CATALOG) == null;
    if (fresh) {
      engine.createTable(CATALOG, false);
      engine.createTable(SIZES, false);
    }
    Table sizes = engine.table(SIZES);
    if (!Files.exists(dbPath.resolve(SIZES + ".wt"))) {
      throw FatalError.invariant(log, "cursor open succeeds", "wiredtiger_size_storer.cpp", 63);
    }
    Catalog catalog = new Catalog(engine, engine.table(CATALOG), sizes);
    try {
      catalog.load();
    } catch (StorageException e) {
      throw unusable(log, e, "table:" + CATALOG);
    }
    return catalog;
  }

  /** Logs what a table's first use finds wrong and returns the error that ends the process. */
  public static FatalError unusable(ServerLog log, StorageException e, String uri) {
    log.storageError(e.error(), e.getMessage());
    log.fatal(
        "STORAGE",
        50882,
        "Failed to open WiredTiger cursor. This may be due to data corruption",
        "uri",
        uri,
        "error",
        e.getMessage());
    return FatalError.fassert(log, 50882, "wiredtiger_session_cache.cpp", 107);
  }

  private void load() {
    Map<String, BsonDocument> sizeRows = new HashMap<>();
    sizes
        .rows()
        .forEach(
            (key, bytes) -> {
              BsonDocument row = Documents.decode(bytes);
              String ident = row.getString("ident").getValue();
              sizeKeys.put(ident, key);
              sizeRows.put(ident, row);
            });
    table
        .rows()
        .forEach(
            (key, bytes) -> {
              Collection collection = collection(key, Documents.decode(bytes));
              BsonDocument size = sizeRows.get(collection.table().ident());
              if (size != null) {
                collection.size(
                    size.getInt64("count").getValue(), size.getInt64("bytes").getValue());
              }
              register(collection);
            });
  }

  private Collection collection(long key, BsonDocument row) {
    List<IndexSpec> indexes = new ArrayList<>();
    for (BsonValue index : row.getArray("indexes")) {
      BsonDocument spec = index.asDocument().getDocument("spec");
      String ident =
          row.getDocument("idxIdent").getString(spec.getString("name").getValue()).getValue();
      indexes.add(new IndexSpec(spec, known(ident)));
    }
    String ident = row.getString("ident").getValue();
    return new Collection(
        engine,
        key,
        row.getString("ns").getValue(),
        row.getBinary("uuid"),
        row.getDocument("options"),
        known(ident),
        indexes);
  }

  private Table known(String ident) {
    String[] parts = ident.split("-");
    nextIdent = Math.max(nextIdent, Integer.parseInt(parts[1]) + 1);
    Table found = engine.table(ident);
    return found != null ? found : engine.createTable(ident, false);
  }

  private void register(Collection collection) {
    byNs.put(collection.ns(), collection);
    byUuid.put(collection.uuid(), collection);
  }

  /** Tables that no collection has: their creation is after the checkpoint. */
  public List<Table> unknownTables() {
    Set<Table> unknown = new LinkedHashSet<>(engine.tables());
    unknown.remove(table);
    unknown.remove(sizes);
    for (Collection collection : byNs.values()) {
      unknown.remove(collection.table());
      collection.indexes().forEach(index -> unknown.remove(index.table()));
    }
    return List.copyOf(unknown);
  }

  /** The collection, or null. */
  public Collection get(String ns) {
    return byNs.get(ns);
  }

  public Collection byUuid(BsonBinary uuid) {
    return byUuid.get(uuid);
  }

  public List<Collection> all() {
    return new ArrayList<>(byNs.values());
  }

  public List<Collection> in(String db) {
    return new ArrayList<>(byNs.subMap(db + ".", db + "/").values());
  }

  /**
   * Creates a collection with its {@code _id} index.
   *
   * @throws CommandException 48 when it exists
   */
  public Collection create(String ns, BsonBinary uuid, BsonDocument options, long timestamp) {
    if (byNs.containsKey(ns)) {
      throw new CommandException(48, "NamespaceExists", "Collection already exists. NS: " + ns);
    }
    boolean local = ns.startsWith("local.");
    long key = table.rows().isEmpty() ? 1 : table.rows().lastKey() + 1;
    List<IndexSpec> indexes = new ArrayList<>();
    // Minvalid is the one local table that follows checkpoints, as on the real server.
    boolean logged = local && !ns.equals("local.replset.minvalid");
    Table data = engine.createTable(newIdent("collection"), logged);
    if (!ns.equals("local.oplog.rs")) {
      BsonDocument spec =
          new BsonDocument("v", new BsonInt32(2))
              .append("key", new BsonDocument("_id", new BsonInt32(1)))
              .append("name", new BsonString("_id_"));
      indexes.add(new IndexSpec(spec, engine.createTable(newIdent("index"), logged)));
    }
    Collection collection = new Collection(engine, key, ns, uuid, options, data, indexes);
    register(collection);
    save(collection, timestamp);
    return collection;
  }

  private String newIdent(String kind) {
    return kind
        + "-"
        + nextIdent++
        + "-"
        + ThreadLocalRandom.current().nextLong(1L << 40, Long.MAX_VALUE);
  }

  private void save(Collection collection, long timestamp) {
    engine.commit(
        List.of(
            new Write(
                table,
                collection.catalogKey(),
                Documents.encode(collection.catalogRow()),
                collection.replicated() ? timestamp : 0)));
  }

  public void drop(Collection collection, long timestamp) {
    byNs.remove(collection.ns());
    byUuid.remove(collection.uuid());
    long at = collection.replicated() ? timestamp : 0;
    engine.commit(List.of(new Write(table, collection.catalogKey(), null, at)));
    engine.dropTable(collection.table(), at);
    collection.indexes().forEach(index -> engine.dropTable(index.table(), at));
  }

  public void rename(Collection collection, String newNs, long timestamp) {
    byNs.remove(collection.ns());
    collection.rename(newNs);
    byNs.put(newNs, collection);
    save(collection, timestamp);
  }

  public void changeOptions(Collection collection, BsonDocument options, long timestamp) {
    collection.options(options);
    save(collection, timestamp);
  }

  /** Adds an index; does nothing when one of that name exists. */
  public void createIndex(Collection collection, BsonDocument spec, long timestamp) {
    String name = spec.getString("name").getValue();
    if (collection.indexes().stream().noneMatch(index -> index.name().equals(name))) {
      Table file = engine.createTable(newIdent("index"), collection.table().logged());
      collection.indexes().add(new IndexSpec(spec, file));
      save(collection, timestamp);
    }
  }

  /** Changes an index's specification, as {@code collMod} does. */
  public void changeIndex(Collection collection, BsonDocument spec, long timestamp) {
    String name = spec.getString("name").getValue();
    collection
        .indexes()
        .replaceAll(i -> i.name().equals(name) ? new IndexSpec(spec, i.table()) : i);
    save(collection, timestamp);
  }

  public void dropIndex(Collection collection, String name, long timestamp) {
    for (IndexSpec index : List.copyOf(collection.indexes())) {
      if (index.name().equals(name)) {
        collection.indexes().remove(index);
        engine.dropTable(index.table(), collection.replicated() ? timestamp : 0);
      }
    }
    save(collection, timestamp);
  }

  /** Writes the sizes down; between two calls a crash loses what they changed by. */
  public void saveSizes() {
    for (Collection collection : byNs.values()) {
      String ident = collection.table().ident();
      long last = sizes.rows().isEmpty() ? 0 : sizes.rows().lastKey();
      long key = sizeKeys.computeIfAbsent(ident, i -> last + 1);
      BsonDocument row =
          new BsonDocument("ident", new BsonString(ident))
              .append("count", new BsonInt64(collection.fastCount()))
              .append("bytes", new BsonInt64(collection.dataSize()));
      byte[] bytes = Documents.encode(row);
      if (!java.util.Arrays.equals(bytes, sizes.rows().get(key))) {
        engine.commit(List.of(new Write(sizes, key, bytes, 0)));
      }
    }
  }
}
