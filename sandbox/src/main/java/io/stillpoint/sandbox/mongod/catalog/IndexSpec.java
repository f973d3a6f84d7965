package io.stillpoint.sandbox.mongod.catalog;

import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.mongod.storage.Table;
import org.bson.BsonDocument;

/** One index: its specification as {@code listIndexes} returns it, and its file. */
public record IndexSpec(BsonDocument spec, Table table) {

  public String name() {
    return spec.getString("name").getValue();
  }

  public BsonDocument key() {
    return spec.getDocument("key");
  }

  public boolean unique() {
    return Update.isTrue(spec.get("unique"));
  }

  public boolean isIdIndex() {
    return name().equals("_id_");
  }
}
