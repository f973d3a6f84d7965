package io.stillpoint.sandbox.mongod;

import io.stillpoint.storage.LiveTreeVisitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/** The steps of a backup of one server, to be done right or wrong. */
final class BackupSteps {
  private final TestServer server;
  private final Path db;

  BackupSteps(TestServer server, Path db) {
    this.server = server;
    this.db = db.toAbsolutePath();
  }

  /** An open backup cursor. */
  record Cursor(long id, BsonDocument metadata, List<String> files) {
    BsonTimestamp checkpoint() {
      return metadata.getTimestamp("checkpointTimestamp");
    }
  }

  Cursor open() {
    BsonDocument reply =
        server
            .run(
                "admin",
                "{aggregate: 1, pipeline: [{$backupCursor: {}}], cursor: {batchSize: 0},"
                    + " $readPreference: {mode: 'secondaryPreferred'}}")
            .getDocument("cursor");
    BsonInt64 id = reply.getInt64("id");
    BsonDocument getMore =
        new BsonDocument("getMore", id).append("collection", new BsonString("$cmd.aggregate"));
    BsonArray documents = server.run("admin", getMore).getDocument("cursor").getArray("nextBatch");
    return new Cursor(
        id.getValue(),
        documents.get(0).asDocument().getDocument("metadata"),
        names(documents.subList(1, documents.size())));
  }

  /** The files that extend names. */
  List<String> extend(Cursor cursor, BsonTimestamp t) {
    BsonDocument stage =
        new BsonDocument("backupId", cursor.metadata().get("backupId")).append("timestamp", t);
    BsonArray pipeline = new BsonArray(List.of(new BsonDocument("$backupCursorExtend", stage)));
    return names(
        server
            .run(
                "admin",
                BsonDocument.parse(
                        "{aggregate: 1, cursor: {batchSize: 100000}, $readPreference: {mode:"
                            + " 'secondaryPreferred'}}")
                    .append("pipeline", pipeline))
            .getDocument("cursor")
            .getArray("firstBatch"));
  }

  void kill(Cursor cursor) {
    server.run(
        "admin",
        new BsonDocument("killCursors", new BsonString("$cmd.aggregate"))
            .append("cursors", new BsonArray(List.of(new BsonInt64(cursor.id())))));
  }

  boolean isBackupOpen() {
    return server
        .run("admin", "{serverStatus: 1}")
        .getDocument("storageEngine")
        .getBoolean("backupCursorOpen")
        .getValue();
  }

  private List<String> names(List<BsonValue> documents) {
    return documents.stream()
        .map(d -> Path.of(d.asDocument().getString("filename").getValue()))
        .map(file -> db.relativize(file).toString())
        .toList();
  }

  /** Copies files that are there; checkpoints go on meanwhile. */
  void copy(List<String> files, Path to) {
    for (String name : files) {
      try {
        Files.createDirectories(to.resolve(name).getParent());
        Files.copy(db.resolve(name), to.resolve(name));
      } catch (NoSuchFileException e) {
        // Only a backup cursor promises that a file stays.
        continue;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The names of all files that are there now; the server may remove one while we look. */
  List<String> allFiles() {
    List<String> found = new ArrayList<>();
    FileVisitor<Path> names =
        new LiveTreeVisitor() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            found.add(db.relativize(file).toString());
            return FileVisitResult.CONTINUE;
          }
        };
    try {
      Files.walkFileTree(db, names);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  List<String> journalFiles() {
    return allFiles().stream().filter(name -> name.startsWith("journal/")).toList();
  }
}
