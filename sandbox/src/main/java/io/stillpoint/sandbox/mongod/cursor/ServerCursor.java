package io.stillpoint.sandbox.mongod.cursor;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;

/** A cursor that stays on the server between a client's requests. */
public final class ServerCursor {
  private static final int MAX_REPLY_BYTES = 12 << 20;

  private final long id;
  private final String ns;
  private final BsonBinary session;
  private final String user;
  private final boolean tailable;
  private final BsonDocument originatingCommand;
  private final Iterator<BsonDocument> documents;
  private final Runnable onClose;
  private final long created = System.currentTimeMillis();
  private long lastUse = System.nanoTime();
  private long lastUseDate = created;
  private boolean inUse;
  private boolean closed;

  ServerCursor(
      long id,
      String ns,
      BsonBinary session,
      String user,
      boolean tailable,
      BsonDocument originatingCommand,
      Iterator<BsonDocument> documents,
      Runnable onClose) {
    this.id = id;
    this.ns = ns;
    this.session = session;
    this.user = user;
    this.tailable = tailable;
    this.originatingCommand = originatingCommand;
    this.documents = documents;
    this.onClose = onClose;
  }

  public long id() {
    return id;
  }

  public String ns() {
    return ns;
  }

  /** The id of the session it was opened in, or null. */
  public BsonBinary session() {
    return session;
  }

  public String user() {
    return user;
  }

  public boolean tailable() {
    return tailable;
  }

  public BsonDocument originatingCommand() {
    return originatingCommand;
  }

  public long created() {
    return created;
  }

  public long lastUseDate() {
    return lastUseDate;
  }

  boolean exhausted() {
    return !tailable && !documents.hasNext();
  }

  /** The next documents; fewer than asked for when the reply would become too large. */
  BsonArray next(int batchSize) {
    List<BsonDocument> batch = new ArrayList<>();
    long bytes = 0;
    while (batch.size() < batchSize && bytes < MAX_REPLY_BYTES && documents.hasNext()) {
      BsonDocument document = documents.next();
      batch.add(document);
      bytes +=
          document instanceof org.bson.RawBsonDocument raw ? raw.getByteBuffer().remaining() : 256;
    }
    return new BsonArray(batch);
  }

  synchronized boolean acquire() {
    if (inUse || closed) {
      return false;
    }
    inUse = true;
    return true;
  }

  synchronized void release() {
    inUse = false;
    lastUse = System.nanoTime();
    lastUseDate = System.currentTimeMillis();
  }

  synchronized boolean idleLongerThan(long millis) {
    return !inUse && System.nanoTime() - lastUse > millis * 1_000_000;
  }

  /** Lets go of what it holds, once. */
  void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    onClose.run();
  }
}
