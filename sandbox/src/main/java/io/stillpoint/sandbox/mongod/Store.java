package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.mongod.catalog.Catalog;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.storage.StorageEngine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonDocument;

/** The collections and the one lock that guards them. */
public final class Store {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final StorageEngine engine;
  private final Catalog catalog;

  /**
   * Opens a directory.
   *
   * @param backupFileRead see {@link StorageEngine#open}
   * @throws FatalError when a real server would abort on it
   */
  Store(
      Path dbPath,
      ServerLog log,
      boolean journalAll,
      long journalFileBytes,
      Runnable backupFileRead) {
    engine =
        StorageEngine.open(
            dbPath, log, lock.writeLock(), journalAll, journalFileBytes, backupFileRead);
    catalog = Catalog.open(engine, dbPath, log);
  }

  public StorageEngine engine() {
    return engine;
  }

  public Catalog catalog() {
    return catalog;
  }

  public <T> T read(Supplier<T> action) {
    lock.readLock().lock();
    try {
      return action.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  public <T> T write(Supplier<T> action) {
    lock.writeLock().lock();
    try {
      return action.get();
    } finally {
      lock.writeLock().unlock();
    }
  }

  public void write(Runnable action) {
    lock.writeLock().lock();
    try {
      action.run();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** A collection of {@code local}, made on first use; its writes are not replicated. */
  public Collection local(String name) {
    Collection found = catalog.get("local." + name);
    return found != null
        ? found
        : catalog.create("local." + name, newUuid(), new BsonDocument(), 0);
  }

  public static BsonBinary newUuid() {
    UUID uuid = UUID.randomUUID();
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array();
    return new BsonBinary(BsonBinarySubType.UUID_STANDARD, bytes);
  }
}
