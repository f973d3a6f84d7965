package io.stillpoint.sandbox.mongod.storage;

import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.ServerLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonTimestamp;

/**
 * Finds the checkpoint to start from and replays the journal over it. {@code WiredTiger.backup}
 * decides, whatever else is there; many damages of a directory are therefore silent, as on the real
 * server.
 */
final class Recovery {
  static final String BACKUP = "WiredTiger.backup";

  /** What was found: the checkpoint started from and the tables after the journal's replay. */
  record Result(
      CheckpointMetadata start, Map<String, Table> tables, long lastJournal, boolean fromTurtle) {}

  private final Path dbPath;
  private final ServerLog log;
  private final OpenFiles files;
  private final Runnable backupFileRead;
  private final JournalReader journal;
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private boolean fromTurtle;

  /**
   * @param backupFileRead called when metadata was made from {@code WiredTiger.backup}, which is
   *     gone then, and nothing of it is in a checkpoint yet
   */
  Recovery(Path dbPath, ServerLog log, OpenFiles files, Runnable backupFileRead) {
    this.dbPath = dbPath;
    this.log = log;
    this.files = files;
    this.backupFileRead = backupFileRead;
    this.journal = new JournalReader(dbPath.resolve("journal"));
  }

  Result run() {
    CheckpointMetadata start = findCheckpoint();
    requireReadableJournal();
    log.info(
        "STORAGE",
        23987,
        "WiredTiger recoveryTimestamp",
        "recoveryTimestamp",
        new BsonTimestamp(start.timestamp()));
    for (CheckpointMetadata.Entry entry : start.tables()) {
      addTable(entry.ident(), entry.logged(), entry.root());
    }
    try {
      journal.replay(start.lsn(), (lsn, record) -> record.operations().forEach(this::apply));
    } catch (StorageException e) {
      log.storageError(StorageException.WT_ERROR, e.getMessage());
      log.storageError(StorageException.WT_ERROR, "operation apply failed during recovery");
      log.storageError(StorageException.WT_ERROR, "Recovery failed");
      throw cannotOpenRecordStore();
    }
    return new Result(start, tables, journal.lastNumber(), fromTurtle);
  }

  private CheckpointMetadata findCheckpoint() {
    Path backup = dbPath.resolve(BACKUP);
    boolean turtle = Files.exists(dbPath.resolve(MetadataFile.TURTLE));
    if (size(backup) == 0) {
      delete(backup);
      return freshOver("WiredTiger.backup is empty");
    }
    if (Files.exists(backup)) {
      CheckpointMetadata pinned = fromBackup(backup, turtle);
      MetadataFile.makeWithoutCheckpoint(dbPath);
      delete(backup);
      backupFileRead.run();
      return pinned;
    }
    if (turtle && MetadataFile.isWithoutCheckpoint(dbPath)) {
      return endedBeforeItsCheckpoint();
    }
    if (turtle) {
      try {
        CheckpointMetadata newest = MetadataFile.read(dbPath);
        fromTurtle = true;
        return newest;
      } catch (StorageException e) {
        throw cannotStart(e);
      }
    }
    if (Files.exists(dbPath.resolve(MetadataFile.NAME))) {
      log.storageError(17, MetadataFile.NAME + ": handle-open: open: File exists");
      return refuse();
    }
    if (journal.isEmpty()) {
      return freshOver("no metadata and no journal");
    }
    if (journal.firstNumber() == 1) {
      return newestInJournal();
    }
    return refuse();
  }

  private CheckpointMetadata fromBackup(Path backup, boolean turtle) {
    if (turtle) {
      log.info(
          "STORAGE",
          22430,
          "WiredTiger message",
          "message",
          "Both WiredTiger.turtle and WiredTiger.backup exist; recreating metadata from backup");
    }
    try {
      return CheckpointMetadata.fromText(Files.readAllBytes(backup));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (StorageException e) {
      log.storageError(e.error(), e.getMessage());
      log.storageError(22, "Recovery failed: Invalid argument");
      throw cannotOpenRecordStore();
    }
  }

  /**
   * A start from {@code WiredTiger.backup} was ended before its first checkpoint: the metadata
   * knows no table but those that the journal saw created, and the file that knew them is gone.
   */
  private CheckpointMetadata endedBeforeItsCheckpoint() {
    if (!journal.isEmpty() && journal.firstNumber() == 1) {
      return newestInJournal();
    }
    CheckpointMetadata fresh = freshOver("the metadata holds no checkpoint");
    return new CheckpointMetadata(
        newestInJournal().timestamp(), fresh.generation(), fresh.lsn(), fresh.tables());
  }

  /** The metadata is gone but the journal names a checkpoint: it is read, but cannot be used. */
  private CheckpointMetadata refuse() {
    log.info(
        "STORAGE",
        23987,
        "WiredTiger recoveryTimestamp",
        "recoveryTimestamp",
        new BsonTimestamp(newestInJournal().timestamp()));
    throw cannotOpenRecordStore();
  }

  private CheckpointMetadata newestInJournal() {
    CheckpointMetadata[] newest = {CheckpointMetadata.EMPTY};
    requireReadableJournal();
    journal.replay(
        0,
        (lsn, record) ->
            record.operations().stream()
                .filter(JournalRecord.Completed.class::isInstance)
                .map(JournalRecord.Completed.class::cast)
                .forEach(completed -> newest[0] = completed.checkpoint()));
    return newest[0];
  }

  /**
   * Starts with no table at all. Files of tables that will be made anew are moved out of the way.
   */
  private CheckpointMetadata freshOver(String reason) {
    for (String name : new String[] {"_mdb_catalog.wt", "sizeStorer.wt"}) {
      Path file = dbPath.resolve(name);
      if (Files.exists(file)) {
        log.storageError(17, name + ": handle-open: open: File exists (" + reason + ")");
        try {
          Files.move(file, dbPath.resolve(name + ".1"), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    long next = (journal.lastNumber() + 1) << 32;
    return new CheckpointMetadata(0, 0, next, List.of());
  }

  private void requireReadableJournal() {
    try {
      journal.requireReadable();
    } catch (StorageException e) {
      throw cannotStart(e);
    }
  }

  private FatalError cannotStart(StorageException e) {
    log.storageError(e.error(), e.getMessage());
    log.storageError(e.error(), "Recovery failed");
    log.warning("STORAGE", 22347, "Failed to start up WiredTiger under any compatibility version.");
    log.warning("STORAGE", 22348, "WiredTiger metadata corruption detected");
    log.fatal("STORAGE", 50944, "Failed to open WiredTiger", "reason", e.getMessage());
    return FatalError.fassert(log, 50944, "wiredtiger_kv_engine.cpp", 1111);
  }

  private FatalError cannotOpenRecordStore() {
    return FatalError.fassert(log, 34433, "wiredtiger_record_store.cpp", 849);
  }

  private void apply(JournalRecord.Operation operation) {
    if (operation instanceof JournalRecord.Row row) {
      Table table = tables.get(row.ident());
      if (table != null) {
        table.write(row.key(), row.value(), 0);
      }
    } else if (operation instanceof JournalRecord.Created created
        && !tables.containsKey(created.ident())) {
      Table table = addTable(created.ident(), created.logged(), Address.NONE);
      if (!Files.exists(table.path())) {
        DataFile.create(table.path());
      }
    }
  }

  private Table addTable(String ident, boolean logged, Address root) {
    Table table = new Table(ident, logged, dbPath.resolve(ident + ".wt"), root, files);
    tables.put(ident, table);
    return table;
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
