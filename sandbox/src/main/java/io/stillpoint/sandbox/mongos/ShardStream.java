package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/** The documents of one shard's cursor, fetched batch by batch. */
final class ShardStream implements Iterator<BsonDocument> {
  private static final int BATCH = 1_000;

  private final String shard;
  private final String address;
  private final String collection;
  private final Deque<BsonDocument> batch = new ArrayDeque<>();
  private long cursorId;
  private Request request;

  /** Opens the cursor. */
  ShardStream(Request request, String shard, BsonDocument command) {
    this.request = request;
    this.shard = shard;
    ReplicaSetClient.Reply reply = request.send(shard, command);
    if (!Bson.isOk(reply.body())) {
      throw CommandException.of(reply.body());
    }
    this.address = reply.address();
    BsonDocument cursor = reply.body().getDocument("cursor");
    String namespace = cursor.getString("ns").getValue();
    this.collection = namespace.substring(namespace.indexOf('.') + 1);
    accept(cursor, "firstBatch");
  }

  String shard() {
    return shard;
  }

  /** The cursor's namespace as the shard gave it. */
  String namespace(String db) {
    return db + "." + collection;
  }

  /** The client's getMore on whose behalf the next batches are fetched. */
  void continueFor(Request next) {
    request = next;
  }

  @Override
  public boolean hasNext() {
    while (batch.isEmpty() && cursorId != 0) {
      fetch();
    }
    return !batch.isEmpty();
  }

  @Override
  public BsonDocument next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return batch.removeFirst();
  }

  void close(Request closing) {
    if (cursorId != 0) {
      BsonArray ids = new BsonArray();
      ids.add(new BsonInt64(cursorId));
      cursorId = 0;
      closing.sendTo(shard, address, doc("killCursors", collection, "cursors", ids));
    }
  }

  private void fetch() {
    BsonDocument more =
        doc("getMore", cursorId, "collection", new BsonString(collection), "batchSize", BATCH);
    for (String field : new String[] {"lsid", "txnNumber", "autocommit", "$clusterTime"}) {
      if (request.command().containsKey(field)) {
        more.put(field, request.command().get(field));
      }
    }
    BsonDocument reply = request.sendTo(shard, address, more);
    if (!Bson.isOk(reply)) {
      cursorId = 0;
      throw CommandException.of(reply);
    }
    accept(reply.getDocument("cursor"), "nextBatch");
  }

  private void accept(BsonDocument cursor, String field) {
    cursorId = cursor.getNumber("id").longValue();
    for (BsonValue document : cursor.getArray(field)) {
      batch.addLast(document.asDocument());
    }
  }
}
