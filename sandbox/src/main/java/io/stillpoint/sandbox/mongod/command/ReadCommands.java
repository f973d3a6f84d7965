package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Filter;
import io.stillpoint.sandbox.mongod.query.Pipeline;
import io.stillpoint.sandbox.mongod.query.Projection;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.mongod.query.Values;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeSet;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/** {@code find}, {@code count} and {@code distinct}. */
final class ReadCommands {
  private final Mongod mongod;
  private final NodeAccess access;

  ReadCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
  }

  void register(Map<String, Command> commands) {
    commands.put("find", this::find);
    commands.put("count", this::count);
    commands.put("distinct", this::distinct);
  }

  private BsonDocument find(Request request) throws InterruptedException {
    access.requireReadable(request);
    access.awaitReadConcern(request);
    String ns = request.ns();
    Filter filter = Filter.parse(request.document("filter"));
    int limit = Math.abs(request.number("limit", 0));
    int skip = request.number("skip", 0);
    BsonDocument sort = request.document("sort");
    boolean natural = sort.isEmpty() || sort.containsKey("$natural");
    int enough = natural && forward(sort) && limit > 0 ? limit + skip : 0;
    List<BsonDocument> found =
        mongod
            .transactions()
            .read(request, ns, filter, () -> matching(ns, filter, request, enough));
    if (!natural) {
      found = found.stream().sorted(Pipeline.sort(sort)).toList();
    } else if (!forward(sort)) {
      found = new ArrayList<>(found);
      Collections.reverse(found);
    }
    Projection projection = Projection.parse(request.document("projection"));
    List<BsonDocument> page =
        found.stream().skip(skip).limit(limit > 0 ? limit : Long.MAX_VALUE).toList();
    boolean single =
        Update.isTrue(request.command().get("singleBatch")) || request.number("limit", 0) < 0;
    int batchSize = single ? Integer.MAX_VALUE : request.number("batchSize", 101);
    return mongod
        .cursors()
        .open(
            ns,
            request.client(),
            request.command(),
            false,
            batchSize,
            page.stream().map(projection::apply).iterator(),
            () -> {});
  }

  private static boolean forward(BsonDocument sort) {
    return !sort.containsKey("$natural") || sort.getNumber("$natural").intValue() > 0;
  }

  /** The matching documents of a consistent state, as views of stored bytes. */
  private List<BsonDocument> matching(String ns, Filter filter, Request request, int enough) {
    Collection collection = mongod.store().catalog().get(ns);
    if (collection == null) {
      return List.of();
    }
    if (ns.equals("local.oplog.rs")) {
      return oplogEntries(collection, filter, request.document("filter"), enough);
    }
    return collection.find(filter, enough).stream().map(collection::document).toList();
  }

  /** The oplog's key is the timestamp, so a range on {@code ts} need not read the rest. */
  private static List<BsonDocument> oplogEntries(
      Collection oplog, Filter filter, BsonDocument query, int enough) {
    NavigableMap<Long, byte[]> rows = oplog.rows();
    if (query.get("ts") instanceof BsonDocument range) {
      for (Map.Entry<String, BsonValue> bound : range.entrySet()) {
        if (bound.getValue() instanceof BsonTimestamp ts) {
          long at = ts.getValue();
          if (isOutside(rows, at)) {
            continue;
          }
          rows =
              switch (bound.getKey()) {
                case "$gt" -> rows.tailMap(at, false);
                case "$gte" -> rows.tailMap(at, true);
                case "$lt" -> rows.headMap(at, false);
                case "$lte" -> rows.headMap(at, true);
                default -> rows;
              };
        }
      }
    }
    List<BsonDocument> found = new ArrayList<>();
    for (BsonDocument entry : NodeAccess.views(rows.values())) {
      if (filter.test(entry)) {
        found.add(entry);
        if (enough > 0 && found.size() >= enough) {
          break;
        }
      }
    }
    return found;
  }

  /** A view of a range refuses bounds outside of it; the filter itself decides about those rows. */
  private static boolean isOutside(NavigableMap<Long, byte[]> rows, long at) {
    return rows.isEmpty() || at < rows.firstKey() || at > rows.lastKey();
  }

  private BsonDocument count(Request request) throws InterruptedException {
    access.requireReadable(request);
    access.awaitReadConcern(request);
    BsonDocument query = request.document("query");
    Collection collection = mongod.store().read(() -> mongod.store().catalog().get(request.ns()));
    long count = 0;
    if (collection != null) {
      boolean oplog = collection.ns().equals("local.oplog.rs");
      count =
          query.isEmpty() && !oplog
              ? collection.fastCount()
              : mongod.store().read(() -> collection.find(Filter.parse(query), 0).size());
      count = Math.max(0, count - request.number("skip", 0));
      int limit = request.number("limit", 0);
      count = limit > 0 ? Math.min(limit, count) : count;
    }
    return new BsonDocument(
        "n", count == (int) count ? new BsonInt32((int) count) : new BsonInt64(count));
  }

  private BsonDocument distinct(Request request) throws InterruptedException {
    access.requireReadable(request);
    access.awaitReadConcern(request);
    String key = request.text("key", "_id");
    Filter filter = Filter.parse(request.document("query"));
    TreeSet<BsonValue> values = new TreeSet<>(Values.ORDER);
    mongod
        .store()
        .read(() -> matching(request.ns(), filter, request, 0))
        .forEach(document -> values.addAll(Values.at(document, key)));
    return new BsonDocument("values", new BsonArray(new ArrayList<>(values)));
  }
}
