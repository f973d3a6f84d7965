package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Filter;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.wire.CommandException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** Lists and measures databases, collections and indexes. */
final class CatalogCommands {
  private final Mongod mongod;
  private final NodeAccess access;

  CatalogCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
  }

  void register(Map<String, Command> commands) {
    commands.put("listCollections", this::listCollections);
    commands.put("listDatabases", this::listDatabases);
    commands.put("listIndexes", this::listIndexes);
    NodeAccess.put(commands, this::dbStats, "dbStats", "dbstats");
    NodeAccess.put(commands, this::collStats, "collStats", "collstats");
    NodeAccess.put(commands, this::dbHash, "dbHash", "dbhash");
    commands.put("validate", this::validate);
  }

  private List<Collection> in(String db) {
    return mongod.store().catalog().in(db);
  }

  private BsonDocument listCollections(Request request) {
    access.requireReadable(request);
    Filter filter = Filter.parse(request.document("filter"));
    boolean nameOnly = Update.isTrue(request.command().get("nameOnly"));
    List<BsonDocument> infos =
        mongod
            .store()
            .read(
                () ->
                    in(request.db()).stream().map(c -> info(c, nameOnly)).filter(filter).toList());
    return mongod
        .cursors()
        .open(
            request.db() + ".$cmd.listCollections",
            request.client(),
            request.command(),
            false,
            Math.max(request.batchSize(), 100_000),
            infos.iterator(),
            () -> {});
  }

  private static BsonDocument info(Collection collection, boolean nameOnly) {
    BsonDocument info =
        new BsonDocument("name", new BsonString(collection.name()))
            .append("type", new BsonString("collection"));
    if (nameOnly) {
      return info;
    }
    info.append("options", Documents.copy(collection.options()));
    info.append(
        "info", new BsonDocument("readOnly", BsonBoolean.FALSE).append("uuid", collection.uuid()));
    collection.indexes().stream()
        .filter(index -> index.isIdIndex())
        .forEach(index -> info.append("idIndex", index.spec()));
    return info;
  }

  private BsonDocument listDatabases(Request request) {
    access.requireReadable(request);
    Filter filter = Filter.parse(request.document("filter"));
    BsonArray databases = new BsonArray();
    long total =
        mongod
            .store()
            .read(
                () -> {
                  long sum = 0;
                  TreeSet<String> names = new TreeSet<>();
                  mongod.store().catalog().all().forEach(c -> names.add(c.db()));
                  for (String name : names) {
                    long size = in(name).stream().mapToLong(Collection::dataSize).sum();
                    sum += size;
                    BsonDocument database = new BsonDocument("name", new BsonString(name));
                    if (!Update.isTrue(request.command().get("nameOnly"))) {
                      database
                          .append("sizeOnDisk", new BsonInt64(size))
                          .append("empty", BsonBoolean.FALSE);
                    }
                    if (filter.test(database)) {
                      databases.add(database);
                    }
                  }
                  return sum;
                });
    return new BsonDocument("databases", databases).append("totalSize", new BsonInt64(total));
  }

  private BsonDocument listIndexes(Request request) {
    access.requireReadable(request);
    List<BsonDocument> specs =
        mongod
            .store()
            .read(() -> required(request.ns()).indexes().stream().map(i -> i.spec()).toList());
    return mongod
        .cursors()
        .open(
            request.ns(),
            request.client(),
            request.command(),
            false,
            Integer.MAX_VALUE,
            specs.iterator(),
            () -> {});
  }

  private Collection required(String ns) {
    Collection collection = mongod.store().catalog().get(ns);
    if (collection == null) {
      throw new CommandException(26, "NamespaceNotFound", "ns does not exist: " + ns);
    }
    return collection;
  }

  private BsonDocument dbStats(Request request) {
    access.requireReadable(request);
    return mongod
        .store()
        .read(
            () -> {
              List<Collection> all = in(request.db());
              long objects = all.stream().mapToLong(Collection::fastCount).sum();
              long size = all.stream().mapToLong(Collection::dataSize).sum();
              int indexes = all.stream().mapToInt(c -> c.indexes().size()).sum();
              return new BsonDocument("db", new BsonString(request.db()))
                  .append("collections", new BsonInt32(all.size()))
                  .append("objects", new BsonInt64(objects))
                  .append("dataSize", new BsonInt64(size))
                  .append("storageSize", new BsonInt64(size))
                  .append("indexes", new BsonInt32(indexes));
            });
  }

  private BsonDocument collStats(Request request) {
    access.requireReadable(request);
    return mongod.store().read(() -> collStats(request.ns()));
  }

  private BsonDocument collStats(String ns) {
    Collection collection = mongod.store().catalog().get(ns);
    long count = collection == null ? 0 : collection.fastCount();
    long size = collection == null ? 0 : collection.dataSize();
    return new BsonDocument("ns", new BsonString(ns))
        .append("size", new BsonInt64(size))
        .append("count", new BsonInt64(count))
        .append("storageSize", new BsonInt64(size))
        .append("nindexes", new BsonInt32(collection == null ? 0 : collection.indexes().size()))
        .append(
            "capped",
            BsonBoolean.valueOf(collection != null && collection.options().containsKey("capped")));
  }

  /** A hash of each replicated collection, by {@code _id}: equal on members with equal data. */
  private BsonDocument dbHash(Request request) {
    BsonDocument hashes = new BsonDocument();
    BsonDocument uuids = new BsonDocument();
    MessageDigest all = Documents.md5();
    mongod
        .store()
        .read(
            () -> {
              for (Collection collection : in(request.db())) {
                if (collection.name().startsWith("system.profile")
                    || collection.ns().equals("config.transactions")
                    || !collection.replicated()) {
                  continue;
                }
                String hash = hash(collection);
                hashes.append(collection.name(), new BsonString(hash));
                uuids.append(collection.name(), collection.uuid());
                all.update((collection.name() + hash).getBytes());
              }
              return null;
            });
    return new BsonDocument("host", new BsonString("127.0.0.1:" + mongod.options().port()))
        .append("collections", hashes)
        .append("uuids", uuids)
        .append("md5", new BsonString(HexFormat.of().formatHex(all.digest())));
  }

  private static String hash(Collection collection) {
    MessageDigest digest = Documents.md5();
    boolean capped = collection.options().containsKey("capped");
    if (capped) {
      collection.rows().values().forEach(digest::update);
    } else {
      TreeMap<org.bson.BsonValue, byte[]> byId =
          new TreeMap<>(io.stillpoint.sandbox.mongod.query.Values.ORDER);
      collection.rows().values().forEach(row -> byId.put(Documents.view(row).get("_id"), row));
      byId.values().forEach(digest::update);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private BsonDocument validate(Request request) {
    return mongod
        .store()
        .read(
            () -> {
              Collection collection = required(request.ns());
              int records = collection.rows().size();
              BsonDocument keys = new BsonDocument();
              collection
                  .indexes()
                  .forEach(
                      index -> {
                        index.table().requireUsable();
                        keys.append(index.name(), new BsonInt64(records));
                      });
              return new BsonDocument("ns", new BsonString(request.ns()))
                  .append("nrecords", new BsonInt32(records))
                  .append("nIndexes", new BsonInt32(collection.indexes().size()))
                  .append("keysPerIndex", keys)
                  .append("valid", BsonBoolean.TRUE)
                  .append("warnings", new BsonArray())
                  .append("errors", new BsonArray());
            });
  }
}
