package io.stillpoint.mongo;

import org.bson.BsonDocument;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;

/** Documents as canonical extended JSON: every type survives the way there and back. */
final class ExtendedJson {

  private static final JsonWriterSettings CANONICAL =
      JsonWriterSettings.builder().outputMode(JsonMode.EXTENDED).build();

  private ExtendedJson() {}

  static String write(BsonDocument document) {
    return document.toJson(CANONICAL);
  }

  /** An empty text is an empty document. */
  static BsonDocument read(String json) {
    return json.isEmpty() ? new BsonDocument() : BsonDocument.parse(json);
  }
}
