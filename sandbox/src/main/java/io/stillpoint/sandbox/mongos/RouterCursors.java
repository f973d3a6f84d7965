package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonValue;

/** The cursors that clients have open on this router. */
final class RouterCursors {
  private static final int FIRST_BATCH = 101;
  private static final int NEXT_BATCH = 1_000;
  private static final long IDLE_NANOS = 600_000_000_000L;

  private final Map<Long, Open> open = new ConcurrentHashMap<>();

  private static final class Open {
    private final String namespace;
    private final List<ShardStream> sources;
    private final Iterator<BsonDocument> documents;
    private volatile long lastUse = System.nanoTime();

    Open(String namespace, List<ShardStream> sources, Iterator<BsonDocument> documents) {
      this.namespace = namespace;
      this.sources = sources;
      this.documents = documents;
    }
  }

  /**
   * The reply with the first batch.
   *
   * @param sources the shard cursors that {@code documents} reads from
   */
  BsonDocument first(
      Request request,
      String namespace,
      List<ShardStream> sources,
      Iterator<BsonDocument> documents) {
    dropIdle();
    BsonDocument command = request.command();
    BsonDocument options = command.isDocument("cursor") ? command.getDocument("cursor") : command;
    long size = Bson.number(options, "batchSize", FIRST_BATCH);
    boolean single =
        command.isBoolean("singleBatch") && command.getBoolean("singleBatch").getValue();
    Open cursor = new Open(namespace, sources, documents);
    BsonArray batch = batch(cursor, size);
    long id = 0;
    if (!single && (size == 0 || documents.hasNext())) {
      id = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
      open.put(id, cursor);
    } else {
      sources.forEach(source -> source.close(request));
    }
    return reply(id, namespace, "firstBatch", batch);
  }

  BsonDocument more(Request request) {
    long id = request.command().getNumber("getMore").longValue();
    // Removed while in use, so that two getMores never read the same shard cursors.
    Open cursor = open.remove(id);
    if (cursor == null) {
      throw new CommandException(43, "CursorNotFound", "cursor id " + id + " not found");
    }
    String namespace = request.db() + "." + request.command().getString("collection").getValue();
    if (!namespace.equals(cursor.namespace)) {
      open.put(id, cursor);
      throw new CommandException(
          13,
          "Unauthorized",
          "Requested getMore on namespace '%s', but cursor belongs to a different namespace %s"
              .formatted(namespace, cursor.namespace));
    }
    cursor.sources.forEach(source -> source.continueFor(request));
    long size = Bson.number(request.command(), "batchSize", NEXT_BATCH);
    BsonArray batch = batch(cursor, size == 0 ? NEXT_BATCH : size);
    cursor.lastUse = System.nanoTime();
    boolean more = cursor.documents.hasNext();
    if (more) {
      open.put(id, cursor);
    } else {
      cursor.sources.forEach(source -> source.close(request));
    }
    return reply(more ? id : 0, cursor.namespace, "nextBatch", batch);
  }

  BsonDocument kill(Request request) {
    BsonArray killed = new BsonArray();
    BsonArray notFound = new BsonArray();
    for (BsonValue id : request.command().getArray("cursors")) {
      Open cursor = open.remove(id.asNumber().longValue());
      (cursor == null ? notFound : killed).add(id);
      if (cursor != null) {
        cursor.sources.forEach(source -> source.close(request));
      }
    }
    return doc(
        "cursorsKilled",
        killed,
        "cursorsNotFound",
        notFound,
        "cursorsAlive",
        new BsonArray(),
        "cursorsUnknown",
        new BsonArray(),
        "ok",
        1.0);
  }

  private void dropIdle() {
    long now = System.nanoTime();
    // The shards' own idle timeout closes the cursors behind it.
    open.values().removeIf(cursor -> now - cursor.lastUse > IDLE_NANOS);
  }

  private static BsonArray batch(Open cursor, long size) {
    BsonArray batch = new BsonArray();
    while (batch.size() < size && cursor.documents.hasNext()) {
      batch.add(cursor.documents.next());
    }
    return batch;
  }

  private static BsonDocument reply(long id, String namespace, String field, BsonArray batch) {
    return doc("cursor", doc(field, batch, "id", new BsonInt64(id), "ns", namespace), "ok", 1.0);
  }
}
