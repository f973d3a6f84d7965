package io.stillpoint.sandbox.mongod.backup;

import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.config.Options;
import io.stillpoint.sandbox.mongod.config.ServerVersion;
import io.stillpoint.sandbox.mongod.repl.OpTime;
import io.stillpoint.sandbox.mongod.repl.Oplog;
import io.stillpoint.sandbox.mongod.repl.ReplicaSet;
import io.stillpoint.sandbox.mongod.storage.StorageEngine;
import io.stillpoint.sandbox.wire.CommandException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/**
 * The one backup that can be open, and fsyncLock, which excludes it.
 *
 * <p>As in the real server a single mutex serialises all of it, also the question whether one is
 * open: while an extend waits, serverStatus and the end of the cursor wait too.
 */
public final class BackupCursors {
  private final Store store;
  private final Oplog oplog;
  private final ReplicaSet set;
  private final Options options;
  private final ServerVersion version;
  private final ServerLog log;
  private final ReentrantLock mutex = new ReentrantLock();
  private final IncrementalHistory incrementals = new IncrementalHistory();
  private final HotBackup hotBackup;
  private Set<Path> seenByCursor = Set.of();
  private Set<Path> seenByExtend = Set.of();
  private boolean hotBackupRuns;
  private boolean forgetIncrementals;
  private BsonBinary backupId;
  private CountDownLatch fsyncUnlock;
  private int fsyncLocks;
  private volatile long pinnedOplog = Long.MAX_VALUE;
  private volatile boolean failAfterOpen;

  /** {@code set} and {@code oplog} are null on a standalone. */
  public BackupCursors(
      Store store,
      Oplog oplog,
      ReplicaSet set,
      Options options,
      ServerVersion version,
      ServerLog log) {
    this.store = store;
    this.oplog = oplog;
    this.set = set;
    this.options = options;
    this.version = version;
    this.log = log;
    this.hotBackup = new HotBackup(options.dbPath(), store.engine());
  }

  /** For the fail point {@code backupCursorErrorAfterOpen}. */
  public void failAfterOpen(boolean fail) {
    failAfterOpen = fail;
  }

  /** The oldest oplog entry that an open backup needs; the largest long when there is none. */
  public long pinnedOplog() {
    return pinnedOplog;
  }

  /** Whether hot backups wait before they end; no real server has this. */
  public void holdHotBackups(boolean hold) {
    hotBackup.hold(hold);
  }

  public boolean isOpen() {
    mutex.lock();
    try {
      return backupId != null;
    } finally {
      mutex.unlock();
    }
  }

  /**
   * A backup that was opened.
   *
   * @param documents what the cursor returns, the metadata first
   */
  public record Opened(BsonBinary backupId, Iterator<BsonDocument> documents) {}

  /** Opens the backup. */
  public Opened open(BackupOptions asked) {
    mutex.lock();
    try {
      requireNotLocked();
      if (backupId != null) {
        throw location(
            50886, "The existing backup cursor must be closed before $backupCursor can succeed.");
      }
      requireNoHotBackup(
          29098,
          "The running hot backup ('createBackup' command) must be completed before $backupCursor"
              + " can succeed.");
      if (asked.incremental()) {
        incrementals.begin(asked);
      }
      BsonDocument metadata = new BsonDocument();
      OpTime oplogEnd = hasOplog() ? oplog.last() : OpTime.NONE;
      createOngoingLock();
      StorageEngine.Pin pin = store.engine().openBackup();
      backupId = Store.newUuid();
      log.info("STORAGE", 29093, "Opened backup cursor", "backupId", backupId);
      try {
        if (failAfterOpen) {
          throw location(50919, "Failpoint hit after opening the backup cursor.");
        }
        metadata.append("backupId", backupId);
        metadata.append("dbpath", new BsonString(options.dbPath().toString()));
        describeOplog(metadata, pin, oplogEnd);
        asked.describe(metadata, version);
        forgetIncrementals = asked.metadataOnly();
        return new Opened(backupId, documents(new BsonDocument("metadata", metadata), pin, asked));
      } catch (RuntimeException e) {
        close(backupId);
        throw e;
      }
    } finally {
      mutex.unlock();
    }
  }

  private boolean hasOplog() {
    return oplog != null && oplog.exists() && !oplog.last().isNone();
  }

  private void describeOplog(BsonDocument metadata, StorageEngine.Pin pin, OpTime oplogEnd) {
    if (oplogEnd.isNone()) {
      return;
    }
    OpTime oplogStart = store.read(oplog::first);
    boolean rolledOver =
        version.atLeast(8) ? oplogStart.ts() > oplogEnd.ts() : oplogStart.ts() >= oplogEnd.ts();
    if (rolledOver) {
      throw location(50917, "Oplog rolled over while establishing the backup cursor.");
    }
    pinnedOplog = Math.min(oplogStart.ts(), pin.checkpointTimestamp());
    metadata.append("oplogStart", oplogStart.toBson()).append("oplogEnd", oplogEnd.toBson());
    if (pin.checkpointTimestamp() != 0) {
      metadata.append("checkpointTimestamp", new BsonTimestamp(pin.checkpointTimestamp()));
    }
  }

  private Iterator<BsonDocument> documents(
      BsonDocument metadata, StorageEngine.Pin pin, BackupOptions asked) {
    // Sizes are those of now, also where the list is streamed later.
    Map<Path, List<BsonDocument>> described = new LinkedHashMap<>();
    for (Path file : asked.metadataOnly() ? List.<Path>of() : pin.files()) {
      described.put(file, describe(file, asked));
    }
    seenByCursor = ConcurrentHashMap.newKeySet();
    seenByExtend = ConcurrentHashMap.newKeySet();
    List<Path> files = new ArrayList<>(described.keySet());
    if (version.atLeast(5)) {
      return new FileStream(metadata, files, described::get, seenByCursor, seenByExtend);
    }
    // The order of a hash table, as in 4.4.
    Collections.shuffle(files);
    return Stream.concat(
            Stream.of(metadata), files.stream().flatMap(f -> described.get(f).stream()))
        .iterator();
  }

  private List<BsonDocument> describe(Path file, BackupOptions asked) {
    try {
      long size = Files.size(file);
      return asked.incremental() && BackupOptions.described(version)
          ? incrementals.describe(asked, file, size)
          : List.of(IncrementalHistory.whole(file, size));
    } catch (IOException e) {
      throw location(
          31403, "Failed to get a file's size. Filename: " + file + " Error: " + e.getMessage());
    }
  }

  private Path ongoingLock() {
    return options.dbPath().resolve("ongoingBackup.lock");
  }

  private void createOngoingLock() {
    if (version.atLeast(6)) {
      try {
        Files.write(ongoingLock(), new byte[0]);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Ends the backup of this id; the cursor's end calls it. */
  public void closeCurrent(BsonBinary id) {
    mutex.lock();
    try {
      close(id);
    } finally {
      mutex.unlock();
    }
  }

  private void close(BsonBinary id) {
    if (id == null || !id.equals(backupId)) {
      return;
    }
    store.engine().closeBackup();
    backupId = null;
    pinnedOplog = Long.MAX_VALUE;
    if (forgetIncrementals) {
      incrementals.clear();
      forgetIncrementals = false;
    }
    try {
      Files.deleteIfExists(ongoingLock());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    log.info("STORAGE", 29092, "Closed backup cursor", "backupId", id);
  }

  /**
   * Waits until everything up to a cluster time is majority-committed and applied here, then lists
   * the journal.
   *
   * @param interrupted asked while it waits; before 7.0 an interruption ends the process
   */
  public List<BsonDocument> extend(BsonBinary id, long timestamp, BooleanSupplier interrupted)
      throws InterruptedException {
    mutex.lock();
    try {
      requireNotLocked();
      requireNoHotBackup(
          29099,
          "The running hot backup ('createBackup' command) must be completed before"
              + " $backupCursorExtend can succeed.");
      if (backupId == null) {
        throw location(50886, "Cannot extend backup cursor because backup cursor is not open");
      }
      if (!backupId.equals(id)) {
        throw location(
            29094, "backupId provided to $backupCursorExtend does not match active backup");
      }
      if (set == null && version.atLeast(7)) {
        throw location(29144, "Cannot extend backup cursor when replication is not enabled");
      }
      awaitCommitted(timestamp, interrupted);
      List<BsonDocument> documents = new ArrayList<>();
      for (Path file : store.engine().extendBackup()) {
        // Newer servers leave out what the backup cursor itself has returned.
        if (!seenByCursor.contains(file)) {
          seenByExtend.add(file);
          documents.add(
              new BsonDocument("filename", new BsonString(file.toAbsolutePath().toString())));
        }
      }
      return documents;
    } finally {
      mutex.unlock();
    }
  }

  private void awaitCommitted(long timestamp, BooleanSupplier interrupted)
      throws InterruptedException {
    while (committed() < timestamp) {
      if (interrupted.getAsBoolean()) {
        if (version.atLeast(7)) {
          log.error("STORAGE", 29096, "Wait for target timestamp has failed");
          throw new CommandException(
              50, "MaxTimeMSExpired", "Wait for target timestamp has failed");
        }
        throw FatalError.logged(
            log, "STORAGE", 29096, "Wait for target timestamp has failed", "reason", "Interrupted");
      }
      if (set == null) {
        Thread.sleep(50);
      } else {
        set.awaitChange(50);
      }
    }
  }

  private long committed() {
    return set == null ? 0 : set.stableTimestamp();
  }

  // ---- hot backup

  /**
   * Copies the server's files; other backups and locks are refused meanwhile.
   *
   * @throws CommandException 29101 to 29103 while locked, or while another backup runs
   */
  public void createBackup(Path target) throws InterruptedException {
    mutex.lock();
    try {
      if (fsyncLocks > 0) {
        throw location(29101, "The node is currently fsyncLocked.");
      }
      if (backupId != null) {
        throw location(
            29102, "The existing backup cursor must be closed before hot backup can succeed.");
      }
      requireNoHotBackup(29103, "Another hot backup is in progress.");
      hotBackupRuns = true;
    } finally {
      mutex.unlock();
    }
    try {
      hotBackup.run(target);
    } finally {
      mutex.lock();
      hotBackupRuns = false;
      mutex.unlock();
    }
  }

  private void requireNoHotBackup(int code, String message) {
    if (hotBackupRuns) {
      throw location(code, message);
    }
  }

  // ---- fsyncLock

  /** Blocks writes until unlocked; returns how many locks there are. */
  public int fsyncLock() {
    mutex.lock();
    try {
      if (backupId != null) {
        throw location(
            50884, "The existing backup cursor must be closed before fsyncLock can succeed.");
      }
      requireNoHotBackup(29097, "The running hot backup must be completed before fsyncLock.");
      if (fsyncLocks++ == 0) {
        fsyncUnlock = new CountDownLatch(1);
        holdLock(fsyncUnlock);
      }
      return fsyncLocks;
    } finally {
      mutex.unlock();
    }
  }

  private void holdLock(CountDownLatch until) {
    CountDownLatch held = new CountDownLatch(1);
    Thread holder =
        new Thread(
            () ->
                store.read(
                    () -> {
                      held.countDown();
                      try {
                        until.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      return null;
                    }),
            "fsyncLockWorker");
    holder.setDaemon(true);
    holder.start();
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Undoes one lock; returns how many are left, or -1 if there was none. */
  public int fsyncUnlock() {
    mutex.lock();
    try {
      if (fsyncLocks == 0) {
        return -1;
      }
      if (--fsyncLocks == 0) {
        fsyncUnlock.countDown();
      }
      return fsyncLocks;
    } finally {
      mutex.unlock();
    }
  }

  private void requireNotLocked() {
    if (fsyncLocks > 0) {
      throw location(50887, "The node is currently fsyncLocked.");
    }
  }

  private static CommandException location(int code, String message) {
    return new CommandException(code, "Location" + code, message);
  }
}
