package io.stillpoint.sandbox.mongod.storage;

import io.stillpoint.sandbox.mongod.ServerLog;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;

/**
 * Tables in memory, made durable by checkpoints of data files and a journal, in files with the
 * names that WiredTiger gives them.
 *
 * <p>Callers hold the write lock that was given at construction while they change rows or tables;
 * the engine takes it itself to begin a checkpoint.
 */
public final class StorageEngine implements Closeable {
  /** One row to write; a null value removes it. Logged tables ignore the timestamp. */
  public record Write(Table table, long key, byte[] value, long timestamp) {}

  /** Which changes a checkpoint contains and which timestamp it is recorded with. */
  public enum CheckpointKind {
    /** Unlogged tables at the stable timestamp. */
    STABLE,
    /** Everything; the recorded timestamp stays what it was. As on a standalone. */
    ALL,
    /** Everything, recorded without a timestamp: {@code takeUnstableCheckpointOnShutdown}. */
    UNSTABLE
  }

  private final Path dbPath;
  private final Lock writeLock;
  private final boolean journalAll;
  private final Map<String, Table> tables;
  private final OpenFiles files;
  private final Journal journal;
  private final MetadataFile metadataFile;
  private final Object checkpointing = new Object();
  private final List<Table> droppedWhilePinned = new ArrayList<>();
  private final long recoveryTimestamp;
  private volatile long stableTimestamp;
  private volatile CheckpointMetadata current;
  private CheckpointMetadata pinned;

  private StorageEngine(
      Path dbPath,
      Lock writeLock,
      boolean journalAll,
      long journalFileBytes,
      OpenFiles files,
      Recovery.Result recovered) {
    this.dbPath = dbPath;
    this.writeLock = writeLock;
    this.journalAll = journalAll;
    this.files = files;
    this.tables = new ConcurrentHashMap<>(recovered.tables());
    this.current = recovered.start();
    this.recoveryTimestamp = recovered.start().timestamp();
    this.stableTimestamp = recoveryTimestamp;
    this.metadataFile = new MetadataFile(dbPath, recovered.fromTurtle());
    this.journal =
        new Journal(dbPath.resolve("journal"), journalFileBytes, recovered.lastJournal() + 1);
  }

  /**
   * Opens a directory, recovering what a crash or a backup left.
   *
   * @param journalAll journal every table, as a standalone does, not only the logged ones
   * @param backupFileRead called between the end of {@code WiredTiger.backup} and the first
   *     checkpoint
   * @throws io.stillpoint.sandbox.mongod.FatalError when a real server would abort
   */
  public static StorageEngine open(
      Path dbPath,
      ServerLog log,
      Lock writeLock,
      boolean journalAll,
      long journalFileBytes,
      Runnable backupFileRead) {
    try {
      writeFixedFiles(dbPath);
      OpenFiles files = new OpenFiles();
      Recovery.Result recovered = new Recovery(dbPath, log, files, backupFileRead).run();
      StorageEngine engine =
          new StorageEngine(dbPath, writeLock, journalAll, journalFileBytes, files, recovered);
      engine.checkpoint(CheckpointKind.ALL);
      return engine;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeFixedFiles(Path dbPath) throws IOException {
    Path version = dbPath.resolve("WiredTiger");
    if (!Files.exists(version)) {
      Files.writeString(version, "WiredTiger\nWiredTiger 10.0.0 (simulated)\n");
    }
    Path lock = dbPath.resolve("WiredTiger.lock");
    if (!Files.exists(lock)) {
      Files.writeString(lock, "WiredTiger lock file\n");
    }
    Path history = dbPath.resolve("WiredTigerHS.wt");
    if (!Files.exists(history)) {
      DataFile.create(history);
    }
  }

  /** The timestamp of the checkpoint that this start began with; 0 for none. */
  public long recoveryTimestamp() {
    return recoveryTimestamp;
  }

  /** The timestamp of the newest complete checkpoint; 0 for none. */
  public long checkpointTimestamp() {
    return current.timestamp();
  }

  public long stableTimestamp() {
    return stableTimestamp;
  }

  /** Moves the stable timestamp forward; never back. */
  public void advanceStableTimestamp(long timestamp) {
    stableTimestamp = Math.max(stableTimestamp, timestamp);
  }

  public Table table(String ident) {
    return tables.get(ident);
  }

  public List<Table> tables() {
    return List.copyOf(tables.values());
  }

  public Table createTable(String ident, boolean logged) {
    Table table = new Table(ident, logged, dbPath.resolve(ident + ".wt"), Address.NONE, files);
    DataFile.create(table.path());
    tables.put(ident, table);
    if (logged || journalAll) {
      journal.append(new JournalRecord(List.of(new JournalRecord.Created(ident, logged))).encode());
    }
    return table;
  }

  /** Drops a table; its file goes with the first checkpoint that no longer contains it. */
  public void dropTable(Table table, long timestamp) {
    table.dropAt(journalAll || table.logged() ? 0 : timestamp);
  }

  /** Applies rows as one atomic unit. */
  public void commit(List<Write> writes) {
    List<JournalRecord.Operation> records = new ArrayList<>();
    for (Write write : writes) {
      Table table = write.table();
      table.write(write.key(), write.value(), journalAll ? 0 : write.timestamp());
      if (journalAll || table.logged()) {
        records.add(new JournalRecord.Row(table.ident(), write.key(), write.value()));
      }
    }
    if (!records.isEmpty()) {
      journal.append(new JournalRecord(records).encode());
    }
  }

  /** Makes what was committed so far survive the death of the process. */
  public void flushJournal() {
    journal.flush();
  }

  /** Writes a checkpoint; on return it is the one that a crash recovers to. */
  public void checkpoint(CheckpointKind kind) {
    synchronized (checkpointing) {
      List<Table> included = new ArrayList<>();
      List<Table> dirty = new ArrayList<>();
      List<Table> dropped = new ArrayList<>();
      long visible;
      long lsn;
      writeLock.lock();
      try {
        visible = kind == CheckpointKind.STABLE ? stableTimestamp : Long.MAX_VALUE;
        lsn = journal.position();
        for (Table table : List.copyOf(tables.values())) {
          if (table.droppedAt(visible)) {
            dropped.add(table);
            tables.remove(table.ident());
            continue;
          }
          included.add(table);
          if (table.drain(visible)) {
            dirty.add(table);
          }
        }
      } finally {
        writeLock.unlock();
      }
      long generation = current.generation() + 1;
      dirty.forEach(table -> table.writeCheckpoint(generation));
      complete(kind, visible, lsn, generation, included);
      long keep = pinned == null ? -1 : pinned.generation();
      dirty.forEach(table -> table.releaseRetired(keep));
      removeDropped(dropped);
      if (pinned == null) {
        journal.archiveBefore(lsn);
      }
    }
  }

  private void complete(
      CheckpointKind kind, long visible, long lsn, long generation, List<Table> included) {
    long timestamp =
        switch (kind) {
          case STABLE -> visible;
          case ALL -> current.timestamp();
          case UNSTABLE -> 0;
        };
    CheckpointMetadata metadata =
        new CheckpointMetadata(
            timestamp,
            generation,
            lsn,
            included.stream()
                .map(t -> new CheckpointMetadata.Entry(t.ident(), t.logged(), t.root()))
                .toList());
    journal.flush();
    metadataFile.write(metadata);
    journal.append(new JournalRecord(List.of(new JournalRecord.Completed(metadata))).encode());
    journal.flush();
    current = metadata;
  }

  private void removeDropped(List<Table> dropped) {
    for (Table table : dropped) {
      table.close();
      if (pinned != null) {
        droppedWhilePinned.add(table);
      } else {
        delete(table.path());
      }
    }
  }

  private void closeFiles() {
    try {
      files.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What an open backup holds: the checkpoint's timestamp and the files to copy. */
  public record Pin(long checkpointTimestamp, List<Path> files) {}

  /** Keeps the blocks of the newest checkpoint and the journal from now on, and lists the files. */
  public Pin openBackup() {
    synchronized (checkpointing) {
      if (pinned != null) {
        throw new IllegalStateException("a backup is open already");
      }
      pinned = current;
      try {
        MetadataFile.replace(dbPath.resolve(Recovery.BACKUP), pinned.toText());
      } catch (IOException e) {
        pinned = null;
        throw new UncheckedIOException(e);
      }
      long lastListed = journal.switchFile();
      List<Path> files = new ArrayList<>();
      for (Path file : Journal.files(dbPath.resolve("journal"))) {
        if (Journal.number(file) <= lastListed) {
          files.add(file);
        }
      }
      for (CheckpointMetadata.Entry entry : pinned.tables()) {
        files.add(dbPath.resolve(entry.ident() + ".wt"));
      }
      files.add(dbPath.resolve("WiredTigerHS.wt"));
      files.add(dbPath.resolve(Recovery.BACKUP));
      files.add(dbPath.resolve("WiredTiger"));
      return new Pin(pinned.timestamp(), files);
    }
  }

  /** How far a snapshot of the disk would have the journal: file number and offset. */
  public long durableJournal() {
    return journal.durable();
  }

  /**
   * Hands the journal to the operating system and lists every log file there is. As on the real
   * server that does not make it durable, which is why a client waits for the durable optime.
   */
  public List<Path> extendBackup() {
    journal.write();
    return Journal.files(dbPath.resolve("journal"));
  }

  /** Lets go of what {@link #openBackup} kept. */
  public void closeBackup() {
    synchronized (checkpointing) {
      if (pinned == null) {
        return;
      }
      pinned = null;
      delete(dbPath.resolve(Recovery.BACKUP));
      tables.values().forEach(Table::releasePinned);
      droppedWhilePinned.forEach(table -> delete(table.path()));
      droppedWhilePinned.clear();
    }
  }

  /** Writes a last checkpoint and closes the files. */
  public void shutdown(CheckpointKind kind) {
    closeBackup();
    checkpoint(kind);
    close();
  }

  @Override
  public void close() {
    synchronized (checkpointing) {
      journal.close();
      closeFiles();
      metadataFile.close();
    }
  }

  /** Leaves everything as a killed process would: what was not flushed is lost. */
  public void abandon() {
    synchronized (checkpointing) {
      journal.abandon();
      closeFiles();
      metadataFile.close();
    }
  }
}
