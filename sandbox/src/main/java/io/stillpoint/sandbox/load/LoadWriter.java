package io.stillpoint.sandbox.load;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.MongoNamespace;
import com.mongodb.MongoWriteException;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.conversions.Bson;

/**
 * Writes until it is stopped: inserts with a sequence number per writer, updates with {@code $set},
 * {@code $inc} and {@code $unset}, replacements and deletes. Failovers and restarts do not end it;
 * a write that failed is tried again until it succeeds.
 */
public final class LoadWriter implements AutoCloseable {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int DUPLICATE_KEY = 11000;

  private final LoadSpec spec;
  private final MongoClient client;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /** Writers hold the read lock during a step, so that the write lock means silence. */
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock(true);

  private volatile boolean stopped;
  private volatile Duration pause;
  private volatile String lastFailure = "";

  private LoadWriter(LoadSpec spec) {
    this.spec = spec;
    this.pause = spec.pause();
    this.client =
        MongoClients.create(
            MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString(spec.uri()))
                .applyToClusterSettings(
                    settings -> settings.serverSelectionTimeout(2, TimeUnit.SECONDS))
                .writeConcern(spec.majority() ? WriteConcern.MAJORITY : WriteConcern.W1)
                .applicationName("stillpoint-load")
                .build());
  }

  public static LoadWriter start(LoadSpec spec) {
    LoadWriter writer = new LoadWriter(spec);
    for (int i = 0; i < spec.writers(); i++) {
      int number = i;
      Thread thread = new Thread(() -> writer.write(number), "load-" + i);
      thread.setDaemon(true);
      writer.threads.add(thread);
      thread.start();
    }
    return writer;
  }

  /** Writes that the cluster acknowledged. */
  public long acknowledged() {
    return acknowledged.get();
  }

  /** Attempts that failed; each was followed by another one. */
  public long failed() {
    return failed.get();
  }

  /** The newest failure's message, or nothing. */
  public String lastFailure() {
    return lastFailure;
  }

  /** Goes on with another pause of each writer between two steps. */
  public void pauseFor(Duration longer) {
    pause = longer;
  }

  /** Runs something while no write is under way. */
  public void whilePaused(Runnable action) {
    gate.writeLock().lock();
    try {
      action.run();
    } finally {
      gate.writeLock().unlock();
    }
  }

  /** Ends the writers; returns when the last one has ended. */
  @Override
  public void close() {
    stopped = true;
    threads.forEach(LockSupport::unpark);
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      client.close();
    }
  }

  private void write(int writer) {
    for (int sequence = 0; !stopped; sequence++) {
      gate.readLock().lock();
      try {
        step(writer, sequence);
      } finally {
        gate.readLock().unlock();
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  private void step(int writer, int sequence) {
    BsonDocument document = document(writer, sequence);
    untilAcknowledged(() -> collection(sequence).insertOne(document));
    if (sequence % 2 == 0) {
      update(
          writer,
          sequence / 2,
          Updates.combine(Updates.inc("version", 1), Updates.set("state.touched", sequence)));
    }
    if (sequence % 5 == 0) {
      int target = sequence / 3;
      BsonDocument replacement = document(writer, target);
      replacement.put("replaced", new BsonInt32(sequence));
      untilAcknowledged(() -> collection(target).replaceOne(byId(writer, target), replacement));
    }
    if (sequence % 7 == 6) {
      untilAcknowledged(() -> collection(sequence - 3).deleteOne(byId(writer, sequence - 3)));
    }
    if (sequence % 11 == 0) {
      update(writer, sequence / 4, Updates.unset("padding"));
    }
  }

  private void update(int writer, int target, Bson change) {
    untilAcknowledged(() -> collection(target).updateOne(byId(writer, target), change));
  }

  private void untilAcknowledged(Runnable write) {
    while (!stopped) {
      try {
        write.run();
        acknowledged.incrementAndGet();
        return;
      } catch (MongoWriteException e) {
        if (e.getError().getCode() == DUPLICATE_KEY) {
          // An earlier attempt was executed although its reply was lost.
          acknowledged.incrementAndGet();
          return;
        }
        failedWith(e);
      } catch (MongoException e) {
        failedWith(e);
      }
    }
  }

  private void failedWith(MongoException e) {
    failed.incrementAndGet();
    lastFailure = String.valueOf(e.getMessage());
    LockSupport.parkNanos(RETRY_NANOS);
  }

  private MongoCollection<BsonDocument> collection(int sequence) {
    MongoNamespace namespace =
        new MongoNamespace(spec.namespaces().get(sequence % spec.namespaces().size()));
    return client
        .getDatabase(namespace.getDatabaseName())
        .getCollection(namespace.getCollectionName(), BsonDocument.class);
  }

  private static Bson byId(int writer, int sequence) {
    return Filters.eq("_id", id(writer, sequence));
  }

  private static String id(int writer, int sequence) {
    return "w%d-%07d".formatted(writer, sequence);
  }

  private BsonDocument document(int writer, int sequence) {
    return new BsonDocument("_id", new BsonString(id(writer, sequence)))
        .append("writer", new BsonInt32(writer))
        .append("sequence", new BsonInt64(sequence))
        .append("version", new BsonInt32(0))
        .append("state", new BsonDocument("name", new BsonString("new")))
        .append("padding", new BsonString("x".repeat(spec.padding())));
  }
}
