package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;

import io.stillpoint.sandbox.wire.CommandException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonDocument;

/** Which shard holds the unsharded collections of a database; makes databases on first use. */
final class Placement {
  private final Catalog catalog;
  private final ShardRegistry shards;

  Placement(Catalog catalog, ShardRegistry shards) {
    this.catalog = catalog;
    this.shards = shards;
  }

  /** Empty if the database does not exist. */
  Optional<String> of(String db) {
    return db.equals("config") || db.equals("admin")
        ? Optional.of(ShardRegistry.CONFIG)
        : catalog.primaryShard(db);
  }

  /** Creates the database if necessary, on the shard with the fewest databases. */
  synchronized String ofNewOrExisting(String db) {
    return of(db).orElseGet(() -> create(db));
  }

  private String create(String db) {
    List<BsonDocument> databases = catalog.find("databases", doc(), doc());
    String shard =
        shards.ids().stream()
            .min(
                Comparator.comparingLong(
                    id ->
                        databases.stream()
                            .filter(each -> each.getString("primary").getValue().equals(id))
                            .count()))
            .orElseThrow(
                () ->
                    new CommandException(
                        70, "ShardNotFound", "Database " + db + " not found :: No shards found"));
    register(db, shard, false);
    return shard;
  }

  /** Writes {@code config.databases}; keeps an entry that is there already. */
  void register(String db, String shard, boolean partitioned) {
    try {
      catalog.insert(
          "databases",
          List.of(
              doc(
                  "_id",
                  db,
                  "primary",
                  shard,
                  "partitioned",
                  partitioned,
                  "version",
                  doc("uuid", uuid(), "lastMod", 1))));
    } catch (CommandException e) {
      if (e.code() != 11000) {
        throw e;
      }
    }
    catalog.refresh();
  }

  /** A new UUID in the standard representation. */
  static BsonBinary uuid() {
    UUID uuid = UUID.randomUUID();
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array();
    return new BsonBinary(BsonBinarySubType.UUID_STANDARD, bytes);
  }
}
