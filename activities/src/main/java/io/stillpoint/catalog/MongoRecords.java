package io.stillpoint.catalog;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOptions;
import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * One collection of small records. Every failure of the server is CATALOG_UNREADABLE or
 * CATALOG_UNWRITABLE.
 */
final class MongoRecords {

  private final MongoCollection<Document> collection;

  MongoRecords(MongoDatabase database, String name) {
    this.collection = database.getCollection(name);
  }

  String where() {
    return collection.getNamespace().getFullName();
  }

  /**
   * @return false if there is one of the same id, which stays as it is
   */
  boolean insert(Document document) {
    return written(
        () -> {
          try {
            collection.insertOne(document);
            return true;
          } catch (MongoWriteException e) {
            if (e.getError().getCategory() == ErrorCategory.DUPLICATE_KEY) {
              return false;
            }
            throw e;
          }
        });
  }

  /** Replaces the record of this id if it still has that revision. */
  boolean replace(String revision, Document document) {
    Bson unchanged =
        Filters.and(Filters.eq("_id", document.get("_id")), Filters.eq("revision", revision));
    return written(() -> collection.replaceOne(unchanged, document).getMatchedCount() == 1);
  }

  void put(Document document) {
    Bson same = Filters.eq("_id", document.get("_id"));
    written(() -> collection.replaceOne(same, document, new ReplaceOptions().upsert(true)));
  }

  Optional<Document> find(String id) {
    return read(() -> Optional.ofNullable(collection.find(Filters.eq("_id", id)).first()));
  }

  List<Document> list(Bson filter) {
    return read(() -> collection.find(filter).into(new ArrayList<>()));
  }

  void delete(Bson filter) {
    written(() -> collection.deleteMany(filter));
  }

  /** Errors: MANIFEST_DAMAGED. */
  static <T> T content(MongoRecords records, Document document, Class<T> type) {
    try {
      return ChecksummedJson.read(bytes(document), type);
    } catch (DamagedException e) {
      throw CatalogErrors.damaged(records.where() + " " + document.get("_id"), e.getMessage());
    }
  }

  static byte[] bytes(Document document) {
    return String.valueOf(document.get("text")).getBytes(StandardCharsets.UTF_8);
  }

  private <T> T read(Supplier<T> call) {
    try {
      return call.get();
    } catch (MongoException e) {
      throw CatalogErrors.unreadable(where(), e);
    }
  }

  private <T> T written(Supplier<T> call) {
    try {
      return call.get();
    } catch (MongoException e) {
      throw CatalogErrors.unwritable(where(), e);
    }
  }
}
