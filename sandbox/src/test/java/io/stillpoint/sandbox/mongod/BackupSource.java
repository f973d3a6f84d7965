package io.stillpoint.sandbox.mongod;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/**
 * A replica set of one member with a history like that of the measured one: 2,000 documents at the
 * checkpoint, 5 more before the backup cursor, 100 up to T, 301 and a collection after T.
 */
final class BackupSource {
  private BackupSource() {}

  /**
   * The directory as it was while the cursor was open, and what the cursor said.
   *
   * @param port the member's, which its configuration names
   * @param listed names, relative to the directory, of the listed files with extend's
   * @param listedByOpen the same without extend's
   */
  record Backup(
      Path directory,
      int port,
      List<String> listed,
      List<String> listedByOpen,
      BsonTimestamp checkpoint,
      BsonTimestamp t) {

    /** Copies the whole directory. */
    Path copyAll(Path to) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.toList()) {
          Path target = to.resolve(directory.relativize(file).toString());
          if (Files.isDirectory(file)) {
            Files.createDirectories(target);
          } else {
            Files.copy(file, target);
          }
        }
        return to;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Copies the listed files and storage.bson. */
    Path copyListed(Path to) {
      copyAll(to);
      try (Stream<Path> files = Files.walk(to)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String name = to.relativize(file).toString();
          if (!listed.contains(name) && !name.equals("storage.bson")) {
            Files.delete(file);
          }
        }
        return to;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Makes the backup; the source is gone afterwards.
   *
   * @param young no restarts before, so that the journal reaches back to the creation
   */
  static Backup make(Path base, boolean young, String... flags) {
    Path db = base.resolve("source");
    int port = TestServer.freePort();
    TestServer server = TestServer.primary(db, port, flags);
    server.insert("c", 0, 2000);
    for (int i = 0; !young && i < 3; i++) {
      server.stop();
      server = TestServer.primary(db, port, flags);
    }
    server.checkpoint();
    server.insert("c", 2000, 2005);
    BsonDocument opened =
        server.run(
            "admin",
            "{aggregate: 1, pipeline: [{$backupCursor: {}}], cursor: {batchSize: 100000}}");
    List<BsonValue> documents = opened.getDocument("cursor").getArray("firstBatch");
    BsonDocument metadata = documents.get(0).asDocument().getDocument("metadata");
    server.insert("c", 2005, 2105);
    BsonTimestamp t = server.run("admin", "{ping: 1}").getTimestamp("operationTime");
    List<String> listedByOpen = names(db, documents.subList(1, documents.size()));
    List<String> listed = new ArrayList<>(listedByOpen);
    listed.addAll(
        names(
            db,
            server
                .run(
                    "admin",
                    BsonDocument.parse(
                            "{aggregate: 1, pipeline: [{$backupCursorExtend: {}}], cursor:"
                                + " {batchSize: 10000}}")
                        .append(
                            "pipeline",
                            new org.bson.BsonArray(
                                List.of(
                                    new BsonDocument(
                                        "$backupCursorExtend",
                                        new BsonDocument("backupId", metadata.get("backupId"))
                                            .append("timestamp", t))))))
                .getDocument("cursor")
                .getArray("firstBatch")));
    server.insert("c", 2105, 2406);
    server.insert("later", 0, 10);
    server.checkpoint();
    Backup backup =
        new Backup(
            base.resolve("backup"),
            port,
            listed.stream().distinct().toList(),
            listedByOpen,
            metadata.getTimestamp("checkpointTimestamp"),
            t);
    new Backup(db, port, List.of(), List.of(), null, null).copyAll(backup.directory());
    server.crash();
    return backup;
  }

  private static List<String> names(Path db, List<BsonValue> documents) {
    return documents.stream()
        .map(d -> Path.of(d.asDocument().getString("filename").getValue()))
        .map(file -> db.toAbsolutePath().relativize(file).toString())
        .toList();
  }
}
