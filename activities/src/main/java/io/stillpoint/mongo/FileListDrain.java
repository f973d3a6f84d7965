package io.stillpoint.mongo;

import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileListWriter;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.bson.BsonBinarySubType;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.UuidRepresentation;

/**
 * Reads everything that a freshly opened backup cursor has to tell, before anything else is done
 * with it: servers with streaming lists hand out a shorter list once it was extended.
 */
final class FileListDrain {

  private static final Set<String> REQUIRED =
      Set.of("WiredTiger", "WiredTiger.backup", "_mdb_catalog.wt", "sizeStorer.wt");

  /** The server does not list it, but a start with other storage options would go unnoticed. */
  private static final String STORAGE_METADATA = "storage.bson";

  private final MongoConnections connections;
  private final FileLists lists;
  private final OpenRequest request;
  private final UUID session;
  private final long cursorId;
  private final Set<String> missing = new HashSet<>(REQUIRED);
  private boolean journal;
  private boolean storageMetadata;
  private long files;
  private BsonDocument metadata = new BsonDocument();

  FileListDrain(
      MongoConnections connections,
      FileLists lists,
      OpenRequest request,
      UUID session,
      long cursorId) {
    this.connections = connections;
    this.lists = lists;
    this.request = request;
    this.session = session;
    this.cursorId = cursorId;
  }

  BackupCursor drain(BsonDocument opened) {
    ServerConnection server = connections.patientServer(request.cluster(), request.member());
    try (FileListWriter writer =
        lists.writer(request.operation(), request.set(), request.attempt())) {
      add(writer, BsonFields.documents(opened, "cursor.firstBatch"));
      while (true) {
        BsonDocument reply = BackupCursors.getMore(server, session, cursor(noFiles()));
        List<BsonDocument> batch = BsonFields.documents(reply, "cursor.nextBatch");
        // The cursor is tailable: at the end of the list it stays open and batches are empty.
        if (batch.isEmpty() && files > 0) {
          break;
        }
        add(writer, batch);
      }
      if (!storageMetadata) {
        writer.add(STORAGE_METADATA, FileEntry.OPTIONAL);
      }
      refuseIncomplete();
      return cursor(writer.finish());
    }
  }

  private void add(FileListWriter writer, List<BsonDocument> batch) {
    for (BsonDocument entry : batch) {
      if (entry.containsKey("metadata")) {
        metadata = entry.getDocument("metadata");
      } else {
        String path =
            relative(BsonFields.string(metadata, "dbpath"), BsonFields.string(entry, "filename"));
        missing.remove(path);
        journal |= path.startsWith("journal/WiredTigerLog.");
        storageMetadata |= path.equals(STORAGE_METADATA);
        files++;
        writer.add(path, BsonFields.integer(entry, "fileSize"));
      }
    }
  }

  /**
   * @throws StillpointException FILE_LIST_DAMAGED if the file is outside of the data directory
   */
  static String relative(String dbPath, String file) {
    String directory = dbPath.endsWith("/") ? dbPath : dbPath + "/";
    if (dbPath.isEmpty() || !file.startsWith(directory) || file.length() == directory.length()) {
      throw new StillpointException(
          ErrorCode.FILE_LIST_DAMAGED,
          "the server lists the file '%s', which is not below its data directory '%s'"
              .formatted(file, dbPath),
          "move that file below the data directory, or take a whole-volume snapshot by hand");
    }
    return file.substring(directory.length());
  }

  private void refuseIncomplete() {
    if (!missing.isEmpty() || !journal) {
      throw incomplete(
          "the file list of %s lacks %s"
              .formatted(request.member(), missing.isEmpty() ? "the journal" : missing));
    }
    if (BsonFields.time(metadata, "oplogEnd").equals(ClusterTime.ZERO)
        || BsonFields.time(metadata, "checkpointTimestamp").equals(ClusterTime.ZERO)) {
      throw incomplete(
          "%s names no stable checkpoint for its backup cursor".formatted(request.member()));
    }
  }

  private static StillpointException incomplete(String message) {
    return new StillpointException(
        ErrorCode.MONGO_COMMAND_FAILED,
        message,
        "it is tried again; a member that was just added has none until its first checkpoint, and"
            + " enableMajorityReadConcern must not be off");
  }

  private BackupCursor cursor(FileListRef list) {
    return new BackupCursor(
        request.cluster(),
        request.set(),
        request.member(),
        cursorId,
        session.toString(),
        uuid(metadata.get("backupId")),
        BsonFields.string(metadata, "dbpath"),
        BsonFields.time(metadata, "checkpointTimestamp"),
        BsonFields.time(metadata, "oplogStart"),
        BsonFields.time(metadata, "oplogEnd"),
        list);
  }

  private static FileListRef noFiles() {
    return new FileListRef("", 0, 0, "");
  }

  private static String uuid(BsonValue value) {
    return value != null
            && value.isBinary()
            && value.asBinary().getType() == BsonBinarySubType.UUID_STANDARD.getValue()
        ? value.asBinary().asUuid(UuidRepresentation.STANDARD).toString()
        : "";
  }
}
