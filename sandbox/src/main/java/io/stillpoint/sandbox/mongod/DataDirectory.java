package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.mongod.config.Options;
import io.stillpoint.sandbox.mongod.query.Documents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** The dbPath as a whole: its lock file and what is decided before storage is opened. */
final class DataDirectory {
  private final Path lockFile;
  private final FileChannel channel;

  private DataDirectory(Path lockFile, FileChannel channel) {
    this.lockFile = lockFile;
    this.channel = channel;
  }

  /**
   * Takes the directory.
   *
   * @throws FatalError exit code 100 when it is not there or another process has it
   */
  static DataDirectory open(Options options, ServerLog log) throws IOException {
    Path dbPath = options.dbPath();
    if (!Files.isDirectory(dbPath)) {
      log.error(
          "STORAGE",
          20557,
          "DBException in initAndListen, terminating",
          "error",
          "NonExistentPath: Data directory " + dbPath + " not found.");
      throw FatalError.exit("data directory " + dbPath + " not found", 100);
    }
    Path lockFile = dbPath.resolve("mongod.lock");
    boolean unclean = Files.exists(lockFile) && Files.size(lockFile) > 0;
    FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!lock(channel)) {
      channel.close();
      log.error(
          "STORAGE",
          20557,
          "DBException in initAndListen, terminating",
          "error",
          "DBPathInUse: Unable to lock the lock file: " + lockFile);
      throw FatalError.exit("data directory " + dbPath + " is in use", 100);
    }
    if (unclean) {
      log.warning(
          "STORAGE",
          22271,
          "Detected unclean shutdown - Lock file is not empty",
          "lockFile",
          lockFile);
      log.warning("STORAGE", 22302, "Recovering data from the last clean checkpoint.");
    }
    discardOngoingBackup(options, log, unclean);
    writeStorageOptions(dbPath);
    Files.createDirectories(dbPath.resolve("diagnostic.data"));
    return new DataDirectory(lockFile, channel);
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Since 6.0 a crash during a backup goes back to the newest checkpoint, not to the backup's. */
  private static void discardOngoingBackup(Options options, ServerLog log, boolean unclean)
      throws IOException {
    Path ongoing = options.dbPath().resolve("ongoingBackup.lock");
    if (options.version().atLeast(6) && unclean && Files.exists(ongoing)) {
      log.info(
          "STORAGE",
          5844600,
          "Backup cursor was open when the server was shut down; removing WiredTiger.backup");
      Files.delete(ongoing);
      Files.deleteIfExists(options.dbPath().resolve("WiredTiger.backup"));
    }
  }

  private static void writeStorageOptions(Path dbPath) throws IOException {
    Path file = dbPath.resolve("storage.bson");
    if (!Files.exists(file)) {
      BsonDocument engine =
          new BsonDocument("engine", new BsonString("wiredTiger"))
              .append(
                  "options",
                  new BsonDocument("directoryPerDB", BsonBoolean.FALSE)
                      .append("directoryForIndexes", BsonBoolean.FALSE)
                      .append("groupCollections", BsonBoolean.FALSE));
      Files.write(file, Documents.encode(new BsonDocument("storage", engine)));
    }
  }

  /** The real server, too, writes its number only when its storage is open. */
  void nameProcess() {
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes()), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + lockFile, e);
    }
  }

  void releaseCleanly() {
    try {
      channel.truncate(0);
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot release " + lockFile, e);
    }
  }

  void releaseAsAfterCrash() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot release " + lockFile, e);
    }
  }
}
