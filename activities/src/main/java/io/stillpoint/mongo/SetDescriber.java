package io.stillpoint.mongo;

import io.stillpoint.activity.CursorActivities.Extended;
import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.ManifestSet;
import java.util.List;
import org.bson.BsonDocument;

/** Records what the manifest needs to restore one set and to prove the restored point. */
public final class SetDescriber {

  private static final int MAX_ENTRIES_READ = 1000;

  /** Cluster DDL and migrations write these; between open and the point they may be half done. */
  private static final List<String> COORDINATION =
      List.of(
          "config.locks",
          "config.migrations",
          "config.migrationCoordinators",
          "config.reshardingOperations",
          "config.system.sharding_ddl_coordinators");

  private final MongoConnections connections;
  private final BackupCatalog catalog;

  public SetDescriber(MongoConnections connections, BackupCatalog catalog) {
    this.connections = connections;
    this.catalog = catalog;
  }

  /** Called after extend, so the member has every entry up to the point. Repeatable. */
  public Extended describe(OpenRequest request, BackupCursor cursor, ClusterTime point) {
    ServerConnection server = connections.server(cursor.cluster(), cursor.member());
    OplogReader oplog =
        new OplogReader(connections.patientServer(cursor.cluster(), cursor.member()));
    refuseTruncated(oplog, cursor);
    ClusterTime lastEntry = oplog.lastEntry(point);
    long entries = oplog.count(cursor.checkpoint(), point);
    boolean registryWritten =
        !oplog.writes(StandaloneEditor.REGISTRY, cursor.checkpoint(), point, 1).isEmpty();
    List<String> warnings = warnings(oplog, cursor, point);
    BsonDocument configuration = configuration(server);
    ManifestSet part =
        new ManifestSet(
            cursor.set(),
            request.shardId(),
            request.role(),
            cursor.member(),
            BsonFields.string(server.admin("buildInfo"), "version"),
            BsonFields.string(InFlightReader.featureCompatibility(server), "version"),
            cursor.dbPath(),
            BsonFields.documents(configuration, "members").stream()
                .map(m -> BsonFields.string(m, "host"))
                .toList(),
            ExtendedJson.write(configuration),
            StorageOptions.of(BsonFields.document(server.admin("getCmdLineOpts"), "parsed"))
                .toJson(),
            cursor.cursorBackupId(),
            cursor.checkpoint(),
            cursor.oplogStart(),
            cursor.oplogEnd(),
            lastEntry,
            entries,
            registryWritten,
            cursor.files(),
            List.of(),
            warnings);
    catalog.savePart(request.operation(), request.attempt(), part);
    return new Extended(cursor.files(), lastEntry, entries, warnings);
  }

  /** The whole replica set configuration, so that a restore loses none of its settings. */
  static BsonDocument configuration(ServerConnection server) {
    return BsonFields.document(server.admin("replSetGetConfig"), "config");
  }

  private static List<String> warnings(OplogReader oplog, BackupCursor cursor, ClusterTime point) {
    return oplog.writes(COORDINATION, cursor.oplogEnd(), point, MAX_ENTRIES_READ).stream()
        .filter(e -> !"balancer".equals(nameOf(e)))
        .map(SetDescriber::sentence)
        .distinct()
        .limit(10)
        .toList();
  }

  private static String sentence(BsonDocument entry) {
    return "%s was written while the cursors opened (%s): a cluster DDL operation or migration may"
            .formatted(BsonFields.string(entry, "ns"), nameOf(entry))
        + " be half done at the consistent point; a restore leaves it as a crash would";
  }

  private static String nameOf(BsonDocument entry) {
    String updated = BsonFields.string(entry, "o2._id");
    return updated.isEmpty() ? BsonFields.string(entry, "o._id") : updated;
  }

  /** The cursor pins the oplog from its start on; if that is gone, so is the cursor. */
  private static void refuseTruncated(OplogReader oplog, BackupCursor cursor) {
    ClusterTime oldest = oplog.oldest();
    if (oldest.isAfter(cursor.checkpoint())) {
      throw new StillpointException(
          ErrorCode.CURSOR_LOST,
          "the oplog of %s begins at %s, after checkpoint %s which the cursor should have pinned"
              .formatted(cursor.member(), oldest, cursor.checkpoint()),
          "the backup is tried again with a new cursor; if it recurs, enlarge the oplog");
    }
  }
}
