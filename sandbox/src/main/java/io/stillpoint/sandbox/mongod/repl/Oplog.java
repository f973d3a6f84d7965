package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.storage.StorageEngine.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/** The replication log, {@code local.oplog.rs}: entries by cluster time. */
public final class Oplog {
  public static final String NS = "local.oplog.rs";

  private final Store store;
  private final LogicalClock clock;
  private final long capBytes;
  private final Object grown = new Object();
  private volatile OpTime last = OpTime.NONE;
  private long bytes;

  public Oplog(Store store, LogicalClock clock, long capBytes) {
    this.store = store;
    this.clock = clock;
    this.capBytes = capBytes;
    if (collection() != null) {
      readLast();
      collection().rows().values().forEach(row -> bytes += row.length);
    }
  }

  /** Makes the collection unless it is there. */
  public void create() {
    if (collection() == null) {
      BsonDocument options =
          new BsonDocument("capped", BsonBoolean.TRUE).append("size", new BsonInt64(capBytes));
      store.catalog().create(NS, Store.newUuid(), options, 0);
    }
  }

  /** Forgets what the dropped collection held. */
  void forget() {
    last = OpTime.NONE;
    bytes = 0;
  }

  public boolean exists() {
    return collection() != null;
  }

  private Collection collection() {
    return store.catalog().get(NS);
  }

  private void readLast() {
    var rows = collection().rows();
    last = rows.isEmpty() ? OpTime.NONE : opTime(Documents.view(rows.lastEntry().getValue()));
    clock.advance(last.ts());
  }

  public static OpTime opTime(BsonDocument entry) {
    long term = entry.containsKey("t") ? entry.getNumber("t").longValue() : -1;
    return new OpTime(entry.getTimestamp("ts").getValue(), term);
  }

  /** The newest entry's position. */
  public OpTime last() {
    return last;
  }

  /** The oldest entry's position. */
  public OpTime first() {
    var rows = collection().rows();
    return rows.isEmpty() ? OpTime.NONE : opTime(Documents.view(rows.firstEntry().getValue()));
  }

  /** Whether there is an entry at exactly this position. */
  public boolean contains(OpTime at) {
    byte[] row = collection().rows().get(at.ts());
    return row != null && opTime(Documents.view(row)).equals(at);
  }

  /**
   * Adds an entry of this primary; to be called under the store's write lock.
   *
   * @param ts from the clock, so that data and entry have the same time
   */
  public OpTime log(long ts, long term, String op, String ns, BsonDocument rest) {
    BsonDocument entry =
        new BsonDocument("ts", new BsonTimestamp(ts))
            .append("t", new BsonInt64(term))
            .append("v", new BsonInt64(2))
            .append("op", new BsonString(op))
            .append("ns", new BsonString(ns))
            .append("wall", new BsonDateTime(System.currentTimeMillis()));
    entry.putAll(rest);
    append(entry);
    return last;
  }

  /** Adds an entry as it is; to be called under the store's write lock. */
  public void append(BsonDocument entry) {
    OpTime at = opTime(entry);
    byte[] encoded = Documents.encode(entry);
    store.engine().commit(List.of(new Write(collection().table(), at.ts(), encoded, 0)));
    bytes += encoded.length;
    last = at;
    clock.advance(at.ts());
    synchronized (grown) {
      grown.notifyAll();
    }
  }

  /** The entries after a position, oldest first. */
  public List<byte[]> after(long ts, int maxEntries, int maxBytes) {
    List<byte[]> found = new ArrayList<>();
    int size = 0;
    for (byte[] row : collection().rows().tailMap(ts, false).values()) {
      if (found.size() >= maxEntries || size > maxBytes) {
        break;
      }
      found.add(row);
      size += row.length;
    }
    return found;
  }

  /** The entries up to and including a time. */
  java.util.Collection<byte[]> upTo(long ts) {
    return collection().rows().headMap(ts, true).values();
  }

  /** Waits until there is an entry after the position; returns whether there is. */
  public boolean awaitAfter(long ts, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    synchronized (grown) {
      while (last.ts() <= ts) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        grown.wait(left);
      }
      return true;
    }
  }

  /** Removes the entries after a time; under the write lock. */
  public void truncateAfter(long ts) {
    remove(new ArrayList<>(collection().rows().tailMap(ts, false).entrySet()));
    readLast();
  }

  /**
   * Removes the oldest entries while the oplog is larger than its cap; under the write lock.
   *
   * @param keepFrom entries from this time on stay whatever the size: a restart or a backup needs
   *     them
   */
  public void trim(long keepFrom) {
    List<Map.Entry<Long, byte[]>> oldest = new ArrayList<>();
    long size = bytes;
    for (Map.Entry<Long, byte[]> row : collection().rows().entrySet()) {
      if (size <= capBytes || row.getKey() >= keepFrom) {
        break;
      }
      size -= row.getValue().length;
      oldest.add(row);
    }
    remove(oldest);
  }

  private void remove(List<Map.Entry<Long, byte[]>> rows) {
    List<Write> writes = new ArrayList<>();
    for (Map.Entry<Long, byte[]> row : rows) {
      writes.add(new Write(collection().table(), row.getKey(), null, 0));
      bytes -= row.getValue().length;
    }
    if (!writes.isEmpty()) {
      store.engine().commit(writes);
    }
  }

  public long sizeBytes() {
    return bytes;
  }

  public long capBytes() {
    return capBytes;
  }
}
