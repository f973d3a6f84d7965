package io.stillpoint.sandbox.query;

import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonValue;

/** A projection: fields to keep, or fields to leave out. */
public final class Projection {
  private Projection() {}

  /** The projected document; the given one is not changed. An empty projection keeps everything. */
  public static BsonDocument apply(BsonDocument document, BsonDocument projection) {
    if (projection.isEmpty()) {
      return document;
    }
    return isInclusion(projection) ? include(document, projection) : exclude(document, projection);
  }

  /** Whether a path is still there after the projection. */
  public static boolean keeps(BsonDocument projection, String path) {
    BsonDocument probe = new BsonDocument();
    Paths.set(probe, path, BsonNull.VALUE);
    return !Paths.all(apply(probe, projection), path).isEmpty();
  }

  private static boolean isInclusion(BsonDocument projection) {
    return projection.entrySet().stream()
        .filter(entry -> !entry.getKey().equals("_id"))
        .map(entry -> isComputed(entry.getValue()) || Filter.isTrue(entry.getValue()))
        .findFirst()
        .orElseGet(() -> Filter.isTrue(projection.get("_id")));
  }

  private static boolean isComputed(BsonValue value) {
    return value.isString() || value.isDocument() || value.isArray();
  }

  private static BsonDocument include(BsonDocument document, BsonDocument projection) {
    BsonDocument result = new BsonDocument();
    BsonValue id = projection.get("_id");
    if (document.containsKey("_id") && (id == null || isComputed(id) || Filter.isTrue(id))) {
      result.put("_id", document.get("_id"));
    }
    for (Map.Entry<String, BsonValue> field : projection.entrySet()) {
      if (isComputed(field.getValue())) {
        BsonValue computed = Expression.evaluate(field.getValue(), document);
        if (computed != null) {
          Paths.set(result, field.getKey(), computed);
        }
      } else if (!field.getKey().equals("_id") && !Paths.all(document, field.getKey()).isEmpty()) {
        Paths.set(result, field.getKey(), Paths.at(document, field.getKey()));
      }
    }
    return result;
  }

  private static BsonDocument exclude(BsonDocument document, BsonDocument projection) {
    BsonDocument result = document.clone();
    projection.keySet().forEach(path -> Paths.unset(result, path));
    return result;
  }
}
