package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.copy;
import static io.stillpoint.sandbox.mongos.Bson.doc;
import static io.stillpoint.sandbox.mongos.Bson.number;

import io.stillpoint.sandbox.query.BsonOrder;
import io.stillpoint.sandbox.query.Pipeline;
import io.stillpoint.sandbox.query.Projection;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonValue;

/**
 * find, aggregate, count and distinct. Documents that a shard holds but does not own are left out
 * of find and aggregate, and are counted by count and distinct, as by the real mongos.
 */
final class Reads {
  private static final Set<String> MONGOD_ONLY = Set.of("$backupCursor", "$backupCursorExtend");

  private final Catalog catalog;
  private final RouterCursors cursors;
  private final Placement placement;

  Reads(Catalog catalog, RouterCursors cursors, Placement placement) {
    this.catalog = catalog;
    this.cursors = cursors;
    this.placement = placement;
  }

  BsonDocument find(Request request) {
    Optional<ShardedCollection> sharded = catalog.sharded(request.namespace());
    if (sharded.isEmpty()) {
      return unsharded(request, request.namespace());
    }
    BsonDocument command = request.command();
    BsonDocument filter = document(command, "filter");
    BsonDocument sort = document(command, "sort");
    long skip = number(command, "skip", 0);
    long limit = Math.abs(number(command, "limit", 0));
    BsonDocument shardCommand =
        request.inherit(doc("find", request.collection(), "filter", filter, "batchSize", 1_000));
    if (!sort.isEmpty()) {
      shardCommand.put("sort", sort);
    }
    List<ShardStream> sources = open(request, sharded.get(), filter, shardCommand);
    Stream<BsonDocument> documents = owned(sharded.get(), sources, sort).skip(skip);
    if (limit > 0) {
      documents = documents.limit(limit);
    }
    BsonDocument projection = document(command, "projection");
    Iterator<BsonDocument> result =
        documents.map(each -> Projection.apply(each, projection)).iterator();
    return cursors.first(request, request.namespace(), sources, result);
  }

  BsonDocument aggregate(Request request) {
    List<BsonDocument> stages =
        request.command().getArray("pipeline").stream().map(BsonValue::asDocument).toList();
    for (BsonDocument stage : stages) {
      if (MONGOD_ONLY.contains(stage.getFirstKey())) {
        Pipeline.check(List.of(stage));
      }
    }
    if (!request.command().isString("aggregate")) {
      return onEveryShard(request, stages, request.db() + ".$cmd.aggregate");
    }
    Optional<ShardedCollection> sharded = catalog.sharded(request.namespace());
    if (sharded.isEmpty()) {
      return unsharded(request, request.namespace());
    }
    boolean ofServer =
        !stages.isEmpty()
            && Set.of("$collStats", "$indexStats").contains(stages.get(0).getFirstKey());
    return ofServer
        ? onEveryShard(request, stages, request.namespace())
        : merged(request, sharded.get(), stages);
  }

  /** The shards only find the documents; the stages after the leading matches run here. */
  private BsonDocument merged(
      Request request, ShardedCollection sharded, List<BsonDocument> stages) {
    BsonArray matches = new BsonArray();
    int rest = 0;
    while (rest < stages.size() && stages.get(rest).containsKey("$match")) {
      matches.add(stages.get(rest).getDocument("$match"));
      rest++;
    }
    List<BsonDocument> local = stages.subList(rest, stages.size());
    Pipeline.check(local);
    BsonDocument filter =
        switch (matches.size()) {
          case 0 -> doc();
          case 1 -> matches.get(0).asDocument();
          default -> doc("$and", matches);
        };
    BsonDocument find =
        request.inherit(doc("find", request.collection(), "filter", filter, "batchSize", 1_000));
    if (local.size() == 1 && local.get(0).containsKey("$count")) {
      // Enough to tell who owns the document.
      find.put("projection", doc(sharded.keyField(), 1));
    }
    List<ShardStream> sources = open(request, sharded, filter, find);
    Stream<BsonDocument> documents = owned(sharded, sources, doc());
    Iterator<BsonDocument> result = Pipeline.run(documents, local).iterator();
    return cursors.first(request, request.namespace(), sources, result);
  }

  /** Sends the first stage everywhere and runs the others on what comes back. */
  private BsonDocument onEveryShard(Request request, List<BsonDocument> stages, String namespace) {
    BsonDocument command = copy(request.command());
    command.put("pipeline", new BsonArray(stages.subList(0, Math.min(1, stages.size()))));
    command.put("cursor", doc());
    List<ShardStream> sources =
        new ArrayList<>(
            request
                .each(request.shards().ids(), shard -> new ShardStream(request, shard, command))
                .values());
    Stream<BsonDocument> documents =
        sources.stream()
            .flatMap(source -> stream(source).map(each -> prefixed(source.shard(), each)));
    List<BsonDocument> rest = stages.subList(Math.min(1, stages.size()), stages.size());
    return cursors.first(request, namespace, sources, Pipeline.run(documents, rest).iterator());
  }

  private static BsonDocument prefixed(String shard, BsonDocument document) {
    BsonDocument result = doc("shard", shard);
    result.putAll(document);
    return result;
  }

  /** A command with a cursor reply that goes to one shard as it is. */
  BsonDocument unsharded(Request request, String namespace) {
    Optional<String> shard = placement.of(request.db());
    if (shard.isEmpty()) {
      return cursors.first(request, namespace, List.of(), List.<BsonDocument>of().iterator());
    }
    ShardStream source = new ShardStream(request, shard.get(), request.command());
    return cursors.first(request, source.namespace(request.db()), List.of(source), source);
  }

  BsonDocument count(Request request) {
    Optional<ShardedCollection> sharded = catalog.sharded(request.namespace());
    BsonDocument command = copy(request.command());
    if (sharded.isEmpty()) {
      Optional<String> shard = placement.of(request.db());
      return shard.isEmpty() ? doc("n", 0, "ok", 1.0) : request.send(shard.get(), command).body();
    }
    long skip = number(command, "skip", 0);
    long limit = number(command, "limit", 0);
    command.remove("skip");
    command.remove("limit");
    command.put("shardVersion", sharded.get().version());
    long all =
        request.each(sharded.get().shards(), shard -> request.run(shard, command)).values().stream()
            .mapToLong(reply -> number(reply, "n", 0))
            .sum();
    long left = Math.max(0, all - skip);
    return doc("n", new BsonInt64(limit > 0 ? Math.min(limit, left) : left), "ok", 1.0);
  }

  BsonDocument distinct(Request request) {
    Optional<ShardedCollection> sharded = catalog.sharded(request.namespace());
    Collection<String> shards =
        sharded
            .<Collection<String>>map(ShardedCollection::shards)
            .orElseGet(() -> placement.of(request.db()).stream().toList());
    BsonDocument command = copy(request.command());
    sharded.ifPresent(known -> command.put("shardVersion", known.version()));
    Set<BsonValue> values = new TreeSet<>(BsonOrder.INSTANCE);
    request
        .each(shards, shard -> request.run(shard, command))
        .values()
        .forEach(reply -> values.addAll(reply.getArray("values")));
    return doc("values", new BsonArray(new ArrayList<>(values)), "ok", 1.0);
  }

  private static List<ShardStream> open(
      Request request, ShardedCollection sharded, BsonDocument filter, BsonDocument command) {
    command.put("shardVersion", sharded.version());
    Collection<String> targets =
        sharded.target(filter).<Collection<String>>map(Set::of).orElseGet(sharded::shards);
    return new ArrayList<>(
        request.each(targets, shard -> new ShardStream(request, shard, command)).values());
  }

  private static Stream<BsonDocument> owned(
      ShardedCollection sharded, List<ShardStream> sources, BsonDocument sort) {
    List<Iterator<BsonDocument>> iterators = new ArrayList<>();
    for (ShardStream source : sources) {
      iterators.add(stream(source).filter(each -> sharded.owns(source.shard(), each)).iterator());
    }
    return stream(new MergedIterator(iterators, BsonOrder.by(sort)));
  }

  private static Stream<BsonDocument> stream(Iterator<BsonDocument> iterator) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(iterator, Spliterator.ORDERED), false);
  }

  private static BsonDocument document(BsonDocument command, String name) {
    if (command.containsKey(name) && !command.isDocument(name)) {
      throw new CommandException(
          14, "TypeMismatch", "BSON field '" + name + "' is the wrong type, expected 'object'");
    }
    return command.getDocument(name, doc());
  }
}
